"""Access control of `dmc serve`, tested with raw requests to a real server process."""

from __future__ import annotations

import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.serve.kernels import kernel_pids

PAGE = "/"
STATIC = "/voila/static/voila.js"
EXTENSION = "/voila/labextensions/@jupyter-widgets/jupyterlab-manager/package.json"
THEME = "/voila/api/themes/@jupyterlab/theme-light-extension/index.css"
TEMPLATE = "/voila/templates/lab/static/voila.js"
KERNEL = "/api/kernels/00000000-0000-0000-0000-000000000000"
CHANNELS = f"{KERNEL}/channels"
SHUTDOWN = "/voila/api/shutdown/00000000-0000-0000-0000-000000000000"

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
# The same as `dmc serve --no-browser`, with fewer kernels, that end sooner.
RUN = """
import sys
from dmc_widgets import serve
serve.MAX_KERNELS = 2
serve.KEEPS_SPARE = False
serve._CULLING |= {"cull_idle_timeout": 10, "cull_interval": 2}
show = len(sys.argv) > 2
sys.exit(serve.serve(None, port=int(sys.argv[1]), open_browser=show))
"""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: str
    body: str

    def headers(self, name: str) -> list[str]:
        return re.findall(rf"(?im)^{name}: (.*?)\r?$", self.head)


class Server:
    """A server process, and raw requests to it."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        match = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]{43})", address)
        assert match, address
        self.port = int(match[1])
        self.token = match[2]
        self.host = f"127.0.0.1:{self.port}"
        self._pid = process.pid

    def cookie(self) -> str:
        """Sign in and return the cookie as a browser would send it."""
        response = self.ask(f"/?token={self.token}", {"Host": self.host})
        assert response.status == 200
        return response.headers("Set-Cookie")[0].partition(";")[0]

    def ask(
        self,
        target: str,
        headers: dict[str, str],
        *,
        start: str = "GET {} HTTP/1.1",
        body: bytes = b"",
    ) -> Answer:
        lines = [start.format(target), *(f"{k}: {v}" for k, v in headers.items())]
        request = "\r\n".join([*lines, "", ""]).encode() + body
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as channel:
            channel.sendall(request)
            return read_answer(channel)

    def kernels(self) -> set[int]:
        return kernel_pids(self._pid)


def read_answer(channel: socket.socket) -> Answer:
    """Read the head, and the body until the server closes the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = channel.recv(65536)
        if not piece:
            break
        data += piece
    head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
    length = re.search(r"(?im)^content-length: (\d+)", head)
    while length and len(body.encode()) < int(length[1]):
        piece = channel.recv(65536)
        if not piece:
            break
        body += piece.decode("utf-8", "replace")
    match = re.match(r"HTTP/1\.[01] (\d+)", head)
    return Answer(int(match[1]) if match else 0, head, body)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def run_server(
    folder: Path, log: Path, browser: Path | None = None
) -> Iterator[Server]:
    command = [sys.executable, "-c", RUN, str(free_port())]
    environment = {"DMC_WORKSPACE": str(folder), "PATH": "/usr/bin:/bin"}
    if browser:
        command.append("show")
        environment["BROWSER"] = str(browser)
    with log.open("w") as errors:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield Server(process, line.removeprefix("The dashboard is at ").strip())
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        process.stdout.close()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "stderr"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, log: Path) -> Iterator[Server]:
    with run_server(tmp_path_factory.mktemp("workspace"), log) as running:
        yield running


@pytest.fixture(scope="module")
def cookie(server: Server) -> str:
    return server.cookie()


FOREIGN_HOSTS = [
    "evil.example:{port}",
    "evil.example",
    "localhost.evil.example:{port}",
    "127.0.0.1.evil.example:{port}",
    "evil.example#127.0.0.1:{port}",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:1",
    "127.0.0.2:{port}",
    "127.1:{port}",
    "2130706433:{port}",
    "0.0.0.0:{port}",
    "localhost.:{port}",
    "localhost:{port}:80",
    "localhost:0{port}",
    "user@localhost:{port}",
    "[::]:{port}",
    "[::1%25lo]:{port}",
    "[::ffff:127.0.0.1]:{port}",
    "[0:0:0:0:0:0:0:1]:{port}",
    "::1:{port}",
    "",
]
FOREIGN_PAGES = [
    {"Origin": "http://evil.example"},
    {"Origin": "http://evil.example:{port}"},
    {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "http://localhost:{port}"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-WebSocket-Origin": "http://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"Sec-Fetch-Site": ""},
]
DOORS = [
    pytest.param(PAGE, {}, id="page"),
    pytest.param(STATIC, {}, id="static"),
    pytest.param(CHANNELS, UPGRADE, id="websocket"),
]


@pytest.mark.parametrize(("target", "more"), DOORS)
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_foreign_host_is_rejected(
    server: Server, cookie: str, host: str, target: str, more: dict[str, str]
) -> None:
    """Even with the right cookie: a website may assign our address to its name."""
    headers = {"Host": host.format(port=server.port), "Cookie": cookie, **more}

    response = server.ask(target, headers)

    # What is no host at all, the web server refuses before it asks us.
    assert response.status in {403, 400}
    assert server.kernels() == set()


@pytest.mark.parametrize(("target", "more"), DOORS)
@pytest.mark.parametrize("foreign", FOREIGN_PAGES, ids=str)
def test_foreign_page_is_rejected(
    server: Server,
    cookie: str,
    foreign: dict[str, str],
    target: str,
    more: dict[str, str],
) -> None:
    """Neither a link, an image, a form nor a script elsewhere starts a kernel."""
    named = {key: value.format(port=server.port) for key, value in foreign.items()}

    response = server.ask(
        target, {"Host": server.host, "Cookie": cookie, **more, **named}
    )

    assert response.status == 403
    assert server.kernels() == set()


@pytest.mark.parametrize(
    "target", [PAGE, STATIC, EXTENSION, THEME, TEMPLATE, KERNEL, CHANNELS, "/login"]
)
@pytest.mark.parametrize("given", ["", "wrong", "token", "other port", "upper case"])
def test_request_without_cookie_is_rejected(
    server: Server, cookie: str, target: str, given: str
) -> None:
    """Static files and websockets too; the token in a cookie is not the cookie."""
    name, _, value = cookie.partition("=")
    cookies = {
        "": {},
        "wrong": {"Cookie": f"{name}={value[:-1]}"},
        "token": {"Cookie": f"{name}={server.token}"},
        "other port": {"Cookie": f"dmc-dashboard-1={value}"},
        "upper case": {"Cookie": f"{name}={value.upper()}"},
    }[given]
    more = UPGRADE if target == CHANNELS else {}

    response = server.ask(target, {"Host": server.host, **cookies, **more})

    assert response.status == 403
    assert "dmc serve printed" in response.body
    assert server.kernels() == set()


@pytest.mark.parametrize(
    "target",
    ["/?token=", "/?token=wrong", "/?Token={token}", f"{STATIC}?token={{token}}"],
)
def test_token_is_accepted_only_by_the_page_and_if_right(
    server: Server, target: str
) -> None:
    response = server.ask(target.format(token=server.token), {"Host": server.host})

    assert response.status == 403
    assert response.headers("Set-Cookie") == []


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]
)
def test_token_is_accepted_only_with_get(server: Server, method: str) -> None:
    headers = {"Host": server.host, "Content-Length": "0"}

    response = server.ask(
        f"/?token={server.token}", headers, start=f"{method} {{}} HTTP/1.1"
    )

    assert response.status == 403
    assert response.headers("Set-Cookie") == []


@pytest.mark.parametrize(
    ("start", "host"),
    [
        pytest.param("GET http://evil.example/ HTTP/1.1", True, id="absolute, foreign"),
        pytest.param("GET http://{host}/ HTTP/1.1", True, id="absolute, own"),
        pytest.param("GET //evil.example/ HTTP/1.1", False, id="no host"),
        pytest.param("GET / HTTP/1.0", False, id="no host, HTTP/1.0"),
        pytest.param("GET * HTTP/1.1", True, id="asterisk"),
        pytest.param("CONNECT evil.example:80 HTTP/1.1", True, id="connect"),
    ],
)
def test_unusual_request_lines_start_no_kernel(
    server: Server, cookie: str, start: str, host: bool
) -> None:
    headers = {"Cookie": cookie, **({"Host": server.host} if host else {})}

    response = server.ask("", headers, start=start.format(host=server.host))

    assert response.status in {400, 403, 405}
    assert server.kernels() == set()


def test_repeated_host_header_is_rejected(server: Server, cookie: str) -> None:
    headers = {"Host": server.host, "host": "evil.example", "Cookie": cookie}

    assert server.ask(PAGE, headers).status in {400, 403}
    assert server.kernels() == set()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LocalHost"])
def test_the_names_of_this_machine_are_accepted(
    server: Server, cookie: str, name: str
) -> None:
    host = f"{name}:{server.port}"

    for headers in ({}, {"Origin": f"http://{host}".lower()}):
        response = server.ask(STATIC, {"Host": host, "Cookie": cookie, **headers})
        assert response.status == 200


def test_websocket_with_cookie_is_accepted(server: Server, cookie: str) -> None:
    """There is no such kernel: the response is that of Voilà, not a refusal."""
    own = {"Origin": f"http://{server.host}", "Sec-Fetch-Site": "same-origin"}

    response = server.ask(
        CHANNELS, {"Host": server.host, "Cookie": cookie, **UPGRADE, **own}
    )

    assert response.status == 404


def test_signing_in_gives_a_cookie_and_leaves_the_address(server: Server) -> None:
    """A link with the token works from any page; the token is not stored anywhere."""
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    response = server.ask(f"/?token={server.token}", {"Host": server.host, **foreign})

    assert response.status == 200
    [set_cookie] = response.headers("Set-Cookie")
    assert re.fullmatch(
        rf"dmc-dashboard-{server.port}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=Strict",
        set_cookie,
    )
    assert server.token not in set_cookie
    assert response.headers("Cache-Control") == ["no-store"]
    assert response.headers("Referrer-Policy") == ["no-referrer"]
    assert response.headers("Content-Security-Policy") == ["frame-ancestors 'none'"]
    assert "location.replace(address)" in response.body
    assert server.token not in response.body
    assert server.kernels() == set()


def test_the_token_stays_out_of_the_log(server: Server, cookie: str, log: Path) -> None:
    """Refused, failed and referring requests are logged without it."""
    address = f"http://{server.host}/?token={server.token}"
    own = {"Host": server.host, "Cookie": cookie}
    requests = [
        (f"/?token={server.token}", {"Host": "evil.example"}),
        (f"/?token={server.token}", {"Host": server.host, "Origin": "null"}),
        (f"/voila/templates/x?token={server.token}", own),
        ("/voila/templates/x", {**own, "Referer": address}),
        (f"{CHANNELS}?token={server.token}", {**own, **UPGRADE}),
    ]

    statuses = [server.ask(target, headers).status for target, headers in requests]

    assert statuses == [403, 403, 403, 500, 403]
    assert "/voila/templates/x" in log.read_text()
    assert server.token not in log.read_text()


def test_body_of_rejected_request_is_not_read(server: Server) -> None:
    """Otherwise a website could fill the memory by a form."""
    headers = {"Host": server.host, "Content-Length": str(90 * 1024 * 1024)}

    response = server.ask(SHUTDOWN, headers, start="POST {} HTTP/1.1", body=b"x" * 1000)

    assert response.status == 403


def test_write_requires_the_xsrf_token(server: Server, cookie: str) -> None:
    """Jupyter's own protection stays in force."""
    headers = {"Host": server.host, "Cookie": cookie, "Content-Length": "0"}

    response = server.ask(SHUTDOWN, headers, start="POST {} HTTP/1.1")

    assert response.status == 403


def test_failure_page_says_where_to_find_the_reason(
    server: Server, cookie: str
) -> None:
    headers = {"Host": server.host, "Cookie": cookie}

    response = server.ask(PAGE, headers, start="PATCH {} HTTP/1.1")

    assert response.status == 403
    assert "The dashboard could not be opened (status 403)." in response.body
    assert server.kernels() == set()


def test_the_number_of_kernels_is_bounded(
    server: Server, cookie: str, log: Path
) -> None:
    """Of five concurrent pages with a limit of two, three are refused."""
    gate = threading.Barrier(5)

    def load(_: int) -> Answer:
        gate.wait()
        return server.ask(PAGE, {"Host": server.host, "Cookie": cookie})

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(load, range(5)))

    assert sorted(response.status for response in answers) == [200, 200, 503, 503, 503]
    full = next(response for response in answers if response.status == 503)
    assert (
        "The dashboard is open 2 times already, which is the most that this server "
        "allows. Close one of its pages, then reload this one." in full.body
    )
    assert full.headers("Retry-After") == ["120"]
    kernels = server.kernels()
    assert len(kernels) == 2
    for pid in kernels:
        environment = str(psutil.Process(pid).environ())
        assert server.token not in environment
        assert cookie.partition("=")[2] not in environment
    assert server.token not in log.read_text()


def test_kernels_without_a_page_are_culled(server: Server, cookie: str) -> None:
    """Kernels of a browser that has ended do not count for ever."""
    server.ask(PAGE, {"Host": server.host, "Cookie": cookie})
    assert server.kernels()

    for _ in range(1800):  # a loaded machine is late with everything
        if not server.kernels():
            break
        time.sleep(0.1)

    assert server.kernels() == set()
    again = server.ask(PAGE, {"Host": server.host, "Cookie": cookie})
    assert again.status == 200


def test_the_browser_gets_the_token_in_a_file_that_only_its_owner_reads(
    tmp_path: Path,
) -> None:
    """Its arguments are visible to the other users of the machine."""
    browser, seen = tmp_path / "browser", tmp_path / "seen"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}.new\nmv {seen}.new {seen}\n')
    browser.chmod(0o755)
    workspace = tmp_path / "work space"

    with run_server(workspace, tmp_path / "log", browser) as server:
        for _ in range(300):
            if seen.exists():
                break
            time.sleep(0.1)
        argument = seen.read_text().strip()
        [file] = workspace.glob("open-dashboard-*.html")
        assert argument == file.as_uri()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        link = f"http://{server.host}/?token={server.token}"
        assert f'content="0;url={link}"' in file.read_text()

    [kept] = workspace.iterdir()
    assert kept.name == f"dashboard-{server.port}.token.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
