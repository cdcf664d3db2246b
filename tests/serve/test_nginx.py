"""A team behind nginx, with the configuration that the documents show."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dmc_widgets.model.roles import Role
from dmc_widgets.storage.transfers import (
    SESSION_VARIABLE,
    USER_VARIABLE,
    Direction,
    TransferStore,
)
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.users import UserStore
from tests.serve.test_access import UPGRADE, free_port
from tests.serve.test_users import BASE, HOST, PASSWORD, run_team_server

ROOT = Path(__file__).parents[2]
PLACES = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
NGINX = shutil.which("nginx", path=f"{PLACES}:{ROOT / '.tools/nginx/usr/sbin'}")
TEAM_PAGE = ROOT / "docs" / "how-to" / "serve-team.md"

_PIECE = 8 * 1024 * 1024

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx here")


class Answer(NamedTuple):
    """What the proxy has answered."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True, slots=True)
class Proxy:
    """nginx before a team server, and requests that a browser would send it."""

    port: int
    server_port: int
    certificate: Path
    workspace: Path

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"

    def connect(self) -> HTTPConnection:
        """Return a connection by TLS to the name of the certificate."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connection = HTTPConnection(HOST, self.port)
        connection.sock = context.wrap_socket(plain, server_hostname=HOST)
        return connection

    def ask(
        self, target: str, method: str = "GET", body: bytes = b"", **headers: str
    ) -> Answer:
        own = {"Host": self.host, "Origin": f"https://{self.host}"}
        with closing(self.connect()) as connection:
            connection.request(method, target, body, own | headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def sign_in(self) -> str:
        """Return the cookie of a user who may import."""
        form = urlencode({"name": "bob", "password": PASSWORD}).encode()
        answer = self.ask(f"{BASE}sign-in", "POST", form)
        assert (answer.status, answer.headers["Location"]) == (303, BASE)
        cookie, *attributes = answer.headers["Set-Cookie"].split("; ")
        assert "Secure" in attributes
        return cookie


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "workspace").mkdir()
    UserStore(folder / "workspace").add("bob", PASSWORD, {"*": Role.IMPORT})
    port, log = free_port(), folder / "stderr"
    with run_team_server(folder / "workspace", log, f"{HOST}:{port}") as server:
        certificate, workspace = folder / "dmc.pem", folder / "workspace"
        made = Proxy(port, server.port, certificate, workspace)
        make_certificate(folder)
        with run_nginx(folder, made):
            yield made


@contextmanager
def run_nginx(folder: Path, proxy: Proxy) -> Iterator[None]:
    """Run nginx as the documents say, at a port of this machine alone."""
    text = re.search(r"^```nginx\n(.*?)^```", TEAM_PAGE.read_text("utf-8"), re.M | re.S)
    assert text is not None
    own = (
        text[1]
        .replace("listen 443 ssl", f"listen 127.0.0.1:{proxy.port} ssl")
        .replace("/etc/ssl/", f"{folder}/")
        .replace("127.0.0.1:8866", f"127.0.0.1:{proxy.server_port}")
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    config = folder / "nginx.conf"
    user = "user root; " if os.geteuid() == 0 else ""  # its files are of this user
    config.write_text(
        f"{user}daemon off; pid {folder}/pid; error_log stderr error;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{own}}}\n"
    )
    assert NGINX is not None
    process = subprocess.Popen([NGINX, "-p", folder, "-c", config])
    try:
        wait_for(proxy.port)
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=30) == 0


def wait_for(port: int) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


def make_certificate(folder: Path) -> None:
    """Write dmc.pem and dmc.key for the host of the documents."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.Encoding.PEM
    (folder / "dmc.pem").write_bytes(certificate.public_bytes(plain))
    (folder / "dmc.key").write_bytes(
        key.private_bytes(
            plain,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@pytest.fixture(scope="module")
def cookie(proxy: Proxy) -> str:
    return proxy.sign_in()


@pytest.fixture(scope="module")
def kernel(proxy: Proxy, cookie: str) -> str:
    """Open the page and return the id of its kernel."""
    answer = proxy.ask(BASE, Cookie=cookie)
    assert answer.status == 200
    found = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', answer.body.decode())
    assert found is not None
    return found[1]


def test_page_is_refused_below_its_prefix_until_somebody_signs_in(proxy: Proxy) -> None:
    refused = proxy.ask(BASE)

    assert refused.status == 403
    assert f'action="{BASE}sign-in"' in refused.body.decode()


def test_password_from_another_website_is_not_checked(proxy: Proxy) -> None:
    form = urlencode({"name": "bob", "password": PASSWORD}).encode()

    answer = proxy.ask(f"{BASE}sign-in", "POST", form, Origin="https://evil.example")

    assert (answer.status, answer.headers["Set-Cookie"]) == (403, None)


def test_page_talks_to_its_kernel(proxy: Proxy, cookie: str, kernel: str) -> None:
    """A websocket, which only the proxy's own settings let through."""
    channels = f"{BASE}api/kernels/{kernel}/channels"

    assert proxy.ask(channels, "GET", b"", Cookie=cookie, **UPGRADE).status == 101


def test_files_go_up_in_pieces_and_down_in_parts(proxy: Proxy, cookie: str) -> None:
    """A piece is as large as pages send them, and more than nginx takes by itself."""
    (session,) = json.loads((proxy.workspace / "sessions.json").read_text()).values()
    environment = {USER_VARIABLE: "bob", SESSION_VARIABLE: session["id"]}
    data = random.Random(3).randbytes(_PIECE + 1_000_000)
    with closing(Workspace(proxy.workspace)) as workspace:
        upload = workspace.new_upload("tickets.json", len(data))
    store = TransferStore(proxy.workspace)
    size = len(data)
    up = store.add(
        Direction.UPLOAD, upload.part, name="t", size=size, environment=environment
    )
    for start in range(0, size, _PIECE):
        piece = data[start : start + _PIECE]
        at = {"Upload-Offset": str(start), "Cookie": cookie}
        answer = proxy.ask(f"{BASE}transfers/upload/{up}", "PATCH", piece, **at)
        assert answer.status == 204
    path = proxy.workspace / "tasks" / "1" / "exported.zip"
    path.parent.mkdir(parents=True)
    upload.finish().rename(path)

    down = store.add(
        Direction.DOWNLOAD, path, name="a.zip", size=size, environment=environment
    )
    target = f"{BASE}transfers/download/{down}"
    part = proxy.ask(target, Cookie=cookie, Range="bytes=1000000-1999999")
    whole = proxy.ask(target, Cookie=cookie)

    assert (part.status, part.body) == (206, data[1_000_000:2_000_000])
    assert (whole.status, whole.headers["Content-Length"]) == (200, str(size))
    assert whole.body == data
