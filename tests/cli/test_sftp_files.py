"""Files at addresses of SFTP: the host is known, the key is the user's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from dmc_widgets.errors import FileBroken, InvalidPlan, Refused, Unreachable
from dmc_widgets.storage import remote_files
from dmc_widgets.storage.remote_addresses import RemoteAddress
from dmc_widgets.storage.remote_files import RemoteFile, require_place, upload_file
from tests.cli.driver import Driver, customer
from tests.sftp_server import SftpServer, run_sftp_server


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with run_sftp_server(tmp_path / "data", tmp_path / "home") as running:
        yield running


def at(server: SftpServer, name: str) -> RemoteAddress:
    return RemoteAddress.parse(f"{server.address}/{name}")


@pytest.mark.usefixtures("in_this_process")
def test_file_is_imported_and_exported_to(
    run: Driver, target: str, server: SftpServer
) -> None:
    """Whatever its name holds; one that is there is replaced, and none half seen."""
    name = "custömers #1 [b]?.jsonl"
    (server.folder / name).write_bytes(orjson.dumps(customer(7_500)))

    imported = run("import", target, "Customer", at(server, name))
    exported = [
        run("export", target, "Customer", "-o", at(server, f"out #1{end}"))
        for end in (".csv", ".csv", "")
    ]
    in_folder = run("export", target, "Customer", "-o", f"{server.address}/")

    assert "1 created, 0 failed." in imported.output
    assert [done.output.splitlines()[-1] for done in exported] == [
        f"Wrote {server.address}/out #1.csv.",
        f"Replaced {server.address}/out #1.csv.",
        f"Wrote {server.address}/out #1.",
    ]
    assert in_folder.output.splitlines()[-1].startswith(
        f"Wrote {server.address}/Customer-"
    )
    files = sorted(path.name for path in server.folder.iterdir())
    assert files[1:] == [name, "out #1", "out #1.csv"]
    assert b"T-7500" in (server.folder / "out #1.csv").read_bytes()


def test_range_is_read_alone_and_a_replaced_file_is_refused(
    server: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_files, "PIECE_BYTES", 10)
    path = server.folder / "a.csv"
    path.write_bytes(bytes(range(40)))
    file = RemoteFile(at(server, "a.csv"))
    assert b"".join(file.pieces(5, 25)) == bytes(range(5, 25))
    assert b"".join(file.pieces()) == bytes(range(40))

    pieces = file.pieces()
    next(pieces)
    os.utime(path, (1, 1))

    with pytest.raises(FileBroken, match="it was replaced while it was read"):
        list(pieces)


def test_host_that_is_not_known_is_refused(server: SftpServer) -> None:
    """Another one in its place could hand out other files."""
    known = server.known_hosts.read_text()
    host, kind, _ = known.split(maxsplit=2)
    other = "AAAAC3NzaC1lZDI1NTE5AAAAIBfitABTDcW3GToqGS3xMceBnyJG3x2HNDcwrb8kE77h"
    for text in ("", f"{host} {kind} {other}\n"):
        server.known_hosts.write_text(text)
        with pytest.raises(Refused, match="the key of the host is not the one in"):
            RemoteFile(at(server, "a.csv"))
    server.known_hosts.unlink()
    with pytest.raises(Refused, match="the key of the host is not the one in"):
        RemoteFile(at(server, "a.csv"))


def test_what_fails_says_why(server: SftpServer, tmp_path: Path) -> None:
    with pytest.raises(InvalidPlan, match=r"/data/none does not exist\. Create it"):
        require_place(at(server, "none/a.csv"))
    bob = server.address.replace("ada@", "bob@")
    with pytest.raises(Refused, match="access is refused"):
        RemoteFile(RemoteAddress.parse(f"{bob}/a.csv"))
    (tmp_path / "home" / ".ssh" / "id_ed25519").unlink()
    with pytest.raises(Refused, match="Set SSH_AUTH_SOCK, or put a key into"):
        upload_file(tmp_path / "a", at(server, "a.csv"), is_new=False)
    with pytest.raises(Unreachable, match="the store does not answer"):
        RemoteFile(RemoteAddress.parse("sftp://ada@127.0.0.1:9/data/a.csv"))
