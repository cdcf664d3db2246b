"""A server for several users: signing in, sessions, proxies, and whose kernel it is."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.roles import Role
from dmc_widgets.serve.access_policy import AccessPolicy, Decision, RequestFacts, Site
from dmc_widgets.serve.login_throttle import (
    BY_ADDRESS,
    BY_NAME,
    WINDOW_S,
    LoginThrottle,
)
from dmc_widgets.serve.options import ServeOptions, build_policy, normalize_base_url
from dmc_widgets.serve.sessions import SessionStore, load_token
from dmc_widgets.workspace.users import UserStore
from tests.serve.kernels import kernel_pids, pid_of_kernel
from tests.serve.test_access import UPGRADE, Answer, Server, free_port

PASSWORD = "correct horse battery"
BASE = "/dmc/"
HOST = "dmc.example.com"
# What a proxy that speaks TLS adds.
PROXY = {
    "Host": HOST,
    "Origin": f"https://{HOST}",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "203.0.113.7",
    "Connection": "close",
}


class TeamServer(Server):
    """`dmc serve` with users, behind a proxy with a prefix."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.port, self._pid = port, process.pid
        self.host = f"127.0.0.1:{port}"

    def sign_in(self, name: str, password: str, **headers: str) -> Answer:
        body = urlencode({"name": name, "password": password}).encode()
        length = {"Content-Length": str(len(body))}
        start = "POST {} HTTP/1.1"
        given = {**PROXY, **length, **headers}
        kept = {key: value for key, value in given.items() if value}
        return self.ask(f"{BASE}sign-in", kept, start=start, body=body)

    def load_page(self, headers: dict[str, str]) -> str:
        """Return the whole page, once its kernel has done what it does at first."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("GET", BASE, headers=headers)
        response = connection.getresponse()
        assert response.status == 200
        return response.read().decode()

    def cookie_of(self, name: str) -> str:
        answer = self.sign_in(name, PASSWORD)
        assert answer.status == 303, answer
        return answer.headers("Set-Cookie")[0].partition(";")[0]


@contextmanager
def run_team_server(folder: Path, log: Path, host: str = HOST) -> Iterator[TeamServer]:
    """Serve a workspace behind a proxy of this machine, which *host* names."""
    port = free_port()
    options = ["--base-url", BASE, "--allowed-host", host, "--idle-limit", "60"]
    command = [sys.executable, "-m", "dmc_widgets", "serve", "--no-browser"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--trusted-proxy", "127.0.0.1", *options],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={"DMC_WORKSPACE": str(folder), "PATH": "/usr/bin:/bin"},
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == f"The dashboard is at http://127.0.0.1:{port}{BASE}\n"
    yield TeamServer(process, port)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    process.stdout.close()
    assert log.read_text() == ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("workspace")
    for name, role in (("ada", Role.LOOK), ("bob", Role.IMPORT)):
        UserStore(path).add(name, PASSWORD, {"*": role})
    return path


@pytest.fixture(scope="module")
def server(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TeamServer]:
    log = tmp_path_factory.mktemp("log") / "stderr"
    with run_team_server(folder, log) as running:
        yield running


def test_page_asks_for_name_and_password(server: TeamServer) -> None:
    answer = server.ask(BASE, {"Host": HOST})

    assert answer.status == 403
    assert f'<form method="post" action="{BASE}sign-in">' in answer.body
    assert 'autocomplete="current-password"' in answer.body
    assert answer.headers("Cache-Control") == ["no-store"]


def test_right_password_gives_a_cookie_for_the_proxys_address(
    server: TeamServer,
) -> None:
    """Over TLS the browser must not send it in the clear."""
    answer = server.sign_in("ada", PASSWORD)

    assert (answer.status, answer.headers("Location")) == (303, [BASE])
    (cookie,) = answer.headers("Set-Cookie")
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"HttpOnly", f"Path={BASE}", "SameSite=Strict", "Secure"}


def test_wrong_password_and_unknown_name_read_alike(server: TeamServer) -> None:
    for name in ("ada", "eve", '"><script>alert(1)</script>'):
        answer = server.sign_in(name, "wrong", **{"X-Forwarded-For": "203.0.113.8"})
        assert answer.status == 403
        assert "Name or password is wrong." in answer.body
        assert "<script>alert" not in answer.body
        assert answer.headers("Set-Cookie") == []


def test_guessing_is_slowed_down(server: TeamServer) -> None:
    """By address; what the browser itself claims to be forwarded does not count."""
    for number in range(BY_ADDRESS):
        forged = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.9"}
        assert server.sign_in(f"x{number}", "wrong", **forged).status == 403
    answer = server.sign_in(
        "bob", PASSWORD, **{"X-Forwarded-For": "1.1.1.1, 203.0.113.9"}
    )

    assert answer.status == 429
    assert int(answer.headers("Retry-After")[0]) > 500
    assert server.sign_in("bob", PASSWORD).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": "https://evil.example"}, id="other-website"),
        pytest.param({"Origin": ""}, id="no-origin"),
        pytest.param({"Origin": f"http://{HOST}"}, id="without-tls"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="fetched-by-another"),
        pytest.param({"Host": "evil.example"}, id="rebound-name"),
    ],
)
def test_password_from_another_website_is_not_checked(
    server: TeamServer, headers: dict[str, str]
) -> None:
    answer = server.sign_in("ada", PASSWORD, **headers)

    assert answer.status == 403
    assert answer.headers("Set-Cookie") == []


def test_large_form_is_refused(server: TeamServer) -> None:
    answer = server.sign_in("ada", "x" * 10_000)

    assert answer.status in {0, 400}


def test_kernel_runs_for_its_user_and_is_closed_to_others(server: TeamServer) -> None:
    ada = {**PROXY, "Cookie": server.cookie_of("ada")}
    page = server.load_page(ada)
    kernel_id = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)
    assert kernel_id, page[-3000:]
    pid = pid_of_kernel(server._pid, kernel_id[1])
    environment = psutil.Process(pid).environ()
    assert environment["DMC_TRANSFERS_URL"] == f"{BASE}transfers/"

    bob = {**PROXY, "Cookie": server.cookie_of("bob")}
    channels = f"{BASE}api/kernels/{kernel_id[1]}/channels"
    shutdown = f"{BASE}voila/api/shutdown/{kernel_id[1]}"
    assert server.ask(channels, {**bob, **UPGRADE}).status == 403
    assert server.ask(channels, {**ada, **UPGRADE}).status == 101
    assert server.ask(shutdown, bob, start="POST {} HTTP/1.1").status == 403

    answer = server.ask(f"{BASE}sign-out", ada, start="POST {} HTTP/1.1")
    assert answer.status == 200
    assert "You are signed out." in answer.body
    assert server.ask(BASE, ada).status == 403
    assert not psutil.pid_exists(pid) or pid not in kernel_pids(server._pid)


def test_sign_out_by_another_website_does_nothing(server: TeamServer) -> None:
    ada = {**PROXY, "Cookie": server.cookie_of("ada")}
    evil = {**ada, "Origin": "https://evil.example"}

    assert server.ask(f"{BASE}sign-out", evil, start="POST {} HTTP/1.1").status == 403
    static = f"{BASE}voila/static/voila.js"
    assert server.ask(static, ada).status == 200


def test_removed_user_is_signed_out(server: TeamServer, folder: Path) -> None:
    UserStore(folder).add("carl", PASSWORD, {})
    carl = {**PROXY, "Cookie": server.cookie_of("carl")}
    static = f"{BASE}voila/static/voila.js"
    assert server.ask(static, carl).status == 200

    UserStore(folder).set_password("carl", "another pass phrase")
    assert server.ask(static, carl).status == 403
    UserStore(folder).remove("carl")
    assert server.sign_in("carl", "another pass phrase").status == 403


def test_session_ends_when_idle_and_after_a_week(tmp_path: Path) -> None:
    now = [1000.0]
    stamps: dict[str, str | None] = {"ada": "1"}

    def build() -> SessionStore:
        return SessionStore(
            tmp_path / "sessions.json", 600, stamps.get, clock=lambda: now[0]
        )

    store = build()
    cookie = store.add("ada")
    session = store.find(cookie)
    assert session is not None
    assert session.user == "ada"
    assert cookie not in (tmp_path / "sessions.json").read_text()
    assert store.find("") is None
    assert build().find(cookie) is not None  # after a restart of the server

    now[0] += 599
    store.note_use(session.id)
    now[0] += 599
    assert store.find(cookie) is not None
    now[0] += 2
    assert store.find(cookie) is None
    assert [ended.id for ended in store.remove_ended()] == [session.id]

    again = store.add("ada")
    for _ in range(7 * 24 * 6 + 1):
        now[0] += 599
        found = store.find(again)
        if found is not None:
            store.note_use(found.id)
    now[0] += 599
    assert store.find(again) is None


def test_token_and_cookies_outlive_a_restart_at_the_same_address(
    tmp_path: Path,
) -> None:
    first = build_policy(ServeOptions(), tmp_path, 8866)
    cookie = first.sessions.add("")
    assert cookie not in (tmp_path / "dashboard-8866.sessions.json").read_text()

    again = build_policy(ServeOptions(), tmp_path, 8866)
    assert again.token == first.token
    assert again.sessions.find(cookie) is not None
    elsewhere = build_policy(ServeOptions(), tmp_path, 8867)
    assert elsewhere.token != first.token
    assert elsewhere.sessions.find(cookie) is None
    renewed = build_policy(ServeOptions(new_token=True), tmp_path, 8866)
    assert renewed.token != first.token
    assert renewed.sessions.find(cookie) is None
    assert build_policy(ServeOptions(), tmp_path, 8866).token == renewed.token
    below = build_policy(ServeOptions(base_url="/dmc/"), tmp_path, 8866)
    assert below.token != renewed.token


def test_token_that_others_could_read_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "token.json"
    token = load_token(file, "/")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_token(file, "/") == token

    file.chmod(0o640)
    renewed = load_token(file, "/")
    assert renewed != token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text('{"base_url": "/", "token": ""}')
    assert len(load_token(file, "/")) == 43


def test_throttle_forgets_after_its_window_and_forgives_the_right_one() -> None:
    now = [0.0]
    throttle = LoginThrottle(lambda: now[0])
    for _ in range(BY_ADDRESS):
        throttle.note_failure("a", "ada")
    assert throttle.wait_s("a", "bob") == WINDOW_S + 1
    assert throttle.wait_s("b", "ada") == 0
    throttle.forgive("a", "ada")
    assert throttle.wait_s("a", "bob") == 0
    for number in range(BY_NAME):
        throttle.note_failure(f"c{number}", "ada")
    assert throttle.wait_s("z", "ada") > 0
    now[0] = WINDOW_S + 1
    assert throttle.wait_s("z", "ada") == 0


def facts(**changes: object) -> RequestFacts:
    headers = changes.pop("headers", {})
    assert isinstance(headers, dict)
    values: dict[str, object] = {
        "method": "GET",
        "target": "/",
        "cookies": {},
        "tokens": (),
        "peer": "10.0.0.1",
        **changes,
    }
    return RequestFacts(headers=tuple(headers.items()), **values)  # type: ignore[arg-type]


def policy(**site: object) -> AccessPolicy:
    return AccessPolicy(
        SessionStore(None, None, lambda _name: ""),
        Site(**site),  # type: ignore[arg-type]
        has_passwords=True,
    )


def test_forwarded_headers_count_from_a_trusted_proxy_only() -> None:
    forwarded = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.5",
    }
    trusting = policy(trusted_proxies=frozenset({"10.0.0.1"}))

    assert trusting.scheme(facts(headers=forwarded)) == "https"
    assert trusting.client(facts(headers=forwarded)) == "203.0.113.5"
    stranger = facts(headers=forwarded, peer="10.0.0.2")
    assert trusting.scheme(stranger) == "http"
    assert trusting.client(stranger) == "10.0.0.2"


def test_token_does_not_sign_in_where_there_are_passwords() -> None:
    guarded = policy()
    request = facts(headers={"Host": "localhost:8866"}, tokens=(guarded.token,))

    assert guarded.decide(request, 8866) is Decision.NOT_SIGNED_IN


@pytest.mark.parametrize(
    ("text", "path"),
    [("/", "/"), ("", "/"), ("dmc", "/dmc/"), ("/a/b/", "/a/b/")],
)
def test_base_url_has_its_slashes(text: str, path: str) -> None:
    assert normalize_base_url(text) == path


@pytest.mark.parametrize(
    "text", ["/a b/", "//evil.example/x?y", "/../", "/ü/", "/<b>/"]
)
def test_unusable_base_url_is_refused(text: str) -> None:
    with pytest.raises(InvalidPlan):
        normalize_base_url(text)


def test_other_machines_need_a_password_and_a_name(tmp_path: Path) -> None:
    """Nothing listens to the network by an oversight."""
    everywhere = "0.0.0.0"
    with pytest.raises(InvalidPlan, match="without a password"):
        ServeOptions(address=everywhere).require_safe(tmp_path)
    UserStore(tmp_path).add("ada", PASSWORD, {})
    with pytest.raises(InvalidPlan, match="--allowed-host"):
        ServeOptions(address=everywhere).require_safe(tmp_path)

    ServeOptions(address=everywhere, allowed_hosts=(HOST,)).require_safe(tmp_path)
    assert build_policy(ServeOptions(), tmp_path).has_passwords
