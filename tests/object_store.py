"""A server of S3 on this machine, for the tests of files at addresses."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import fsspec
import pytest

KEY: Final = "AKIAOFTHETESTS"
SECRET: Final = "secret-of-the-tests/+"


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """A store with the bucket ``incoming``, and one for results: ``results``.

    Attributes:
        url: The address of the server.
        files: The store as fsspec has it.
    """

    url: str
    files: Any

    def put(self, path: str, content: bytes) -> str:
        """Write an object; return its address."""
        self.files.pipe(path, content)
        return f"s3://{path}"

    def list(self, bucket: str) -> list[str]:
        return sorted(self.files.find(bucket))


@contextmanager
def run_object_store() -> Iterator[ObjectStore]:
    """Run moto's server, with its credentials in the environment."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", KEY)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_MAX_ATTEMPTS", "1")
        files = fsspec.filesystem("s3", use_listings_cache=False)
        files.mkdir("incoming")
        files.mkdir("results")
        yield ObjectStore(f"http://{host}:{port}", files)
    server.stop()


@contextmanager
def run_cut_store(size: int) -> Iterator[str]:
    """Run a server of one object whose connections break in the middle; yield its URL.

    Each answer to a GET states its whole length, and ends after a third of it.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve_cut, args=(listener, size), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _serve_cut(listener: socket.socket, size: int) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as stream:
            request = stream.readline()
            while stream.readline().strip():
                pass
            head = f'Content-Length: {size}\r\nETag: "e"\r\nConnection: close\r\n\r\n'
            body = b"" if request.startswith(b"HEAD") else b"x" * (size // 3)
            connection.sendall(f"HTTP/1.1 200 OK\r\n{head}".encode() + body)
