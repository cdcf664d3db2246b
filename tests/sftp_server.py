"""A server of SFTP on this machine, for the tests of files at addresses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncssh

USER: Final = "ada"


@dataclass(frozen=True, slots=True)
class SftpServer:
    """A server that lets one user in, by the key in the home folder.

    Attributes:
        address: The address of its folder.
        folder: The folder, as it is on this machine.
        known_hosts: The file of the user's with the key of the server.
    """

    address: str
    folder: Path
    known_hosts: Path


_Connection = asyncssh.SSHServerConnection


class _OneUser(asyncssh.SSHServer):
    def __init__(self, key: asyncssh.SSHKey, connections: list[_Connection]) -> None:
        self._key = key.export_public_key()
        self._connections = connections

    def connection_made(self, conn: _Connection) -> None:
        self._connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == USER and key.export_public_key() == self._key


@contextmanager
def run_sftp_server(folder: Path, home: Path) -> Iterator[SftpServer]:
    """Run a server of a folder whose key, and the user's, are in ``home/.ssh``."""
    (home / ".ssh").mkdir(parents=True)
    folder.mkdir()
    user_key, host_key = (asyncssh.generate_private_key("ssh-ed25519") for _ in "12")
    user_key.write_private_key(home / ".ssh" / "id_ed25519")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        connections: list[_Connection] = []
        started = _listen(folder, user_key, host_key, connections)
        listener = asyncio.run_coroutine_threadsafe(started, loop).result()
        port = listener.get_port()
        known = home / ".ssh" / "known_hosts"
        public = host_key.export_public_key().decode()
        known.write_text(f"[127.0.0.1]:{port} {public}")
        yield SftpServer(f"sftp://{USER}@127.0.0.1:{port}/data", folder, known)
        asyncio.run_coroutine_threadsafe(_close(listener, connections), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(
    folder: Path,
    user_key: asyncssh.SSHKey,
    host_key: asyncssh.SSHKey,
    connections: list[_Connection],
) -> asyncssh.SSHAcceptor:
    def serve(channel: asyncssh.SSHServerChannel[bytes]) -> asyncssh.SFTPServer:
        return asyncssh.SFTPServer(channel, chroot=str(folder.parent).encode())

    return await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: _OneUser(user_key, connections),
        server_host_keys=[host_key],
        sftp_factory=serve,
    )


async def _close(
    listener: asyncssh.SSHAcceptor, connections: list[_Connection]
) -> None:
    listener.close()
    await listener.wait_closed()
    for connection in connections:
        connection.abort()
        await connection.wait_closed()
