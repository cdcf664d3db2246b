"""Connections to a server: addresses, secrets, tokens, certificates, errors."""

from __future__ import annotations

import base64
import ipaddress
import pickle
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx2
import keyring
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from dmc_widgets.errors import InstallationError, NotSupported, Refused, Unreachable
from dmc_widgets.installations import ConnectOptions, connect
from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.http import errors as faults
from dmc_widgets.installations.liferay.http.client import Limits
from dmc_widgets.installations.secret_store import find_secret, save_secret
from dmc_widgets.model.access import Access
from dmc_widgets.objects.fields.encrypted import Secret
from tests.installations.canned_server import (
    DEFINITIONS,
    Answer,
    Request,
    canned,
    page,
    problem,
)

USER = Access(user="ada@example.com")
ADA = ConnectOptions(access=USER, secret=Secret("correct horse"))
QUICK = Limits(connect_s=2, answer_s=2, tries=3, wait_s=0.01, longest_wait_s=0.05)


class MemoryKeyring(KeyringBackend):
    """A keyring for one test."""

    priority = 1
    viable = False  # nobody finds it who has not been given it

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    before = keyring.get_keyring()
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DMC_PASSWORD", "DMC_PASSWORD_MY_STAGING", "DMC_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)


def refusal(url: str, caller: ConnectOptions = ADA) -> InstallationError:
    """Return the error with which a server cannot be opened."""
    with pytest.raises(InstallationError) as caught:
        open_liferay(parse_address(url), caller, QUICK)
    return caught.value


def late(seconds: float) -> Answer:
    time.sleep(seconds)
    return page()


def answering(answer: Answer) -> Any:
    return lambda _request: answer


# Addresses


def test_user_and_password_are_taken_out_of_an_address() -> None:
    address = parse_address(
        "HTTPS://ada%40example.com:p%3Aw@Liferay.example.com:8443/dxp/"
    )

    assert address.url == "https://liferay.example.com:8443/dxp"
    assert address.origin == "https://liferay.example.com:8443"
    assert address.user == "ada@example.com"
    assert address.secret is not None
    assert address.secret.text == "p:w"
    assert "p:w" not in repr(address)


@pytest.mark.parametrize(
    "url",
    ["https://", "https://:secret@", "https://h:port", "https://h/?p_auth=secret"],
)
def test_invalid_address_is_not_quoted(url: str) -> None:
    """It might be anything, even a password."""
    with pytest.raises(NotSupported) as caught:
        connect(url, ADA)

    assert str(caught.value) == (
        "This is not the address of a server. "
        "Write it like https://liferay.example.com."
    )


def test_password_is_not_sent_unencrypted_to_another_machine() -> None:
    with pytest.raises(NotSupported) as caught:
        connect("http://liferay.example.com", ADA)

    assert str(caught.value) == (
        "http://liferay.example.com is not encrypted: everybody on the way can read "
        "the password. Use https, or allow it with --insecure-http "
        "(insecure_http=True) "
        "where the network is your own."
    )


def test_connecting_without_a_user_is_refused() -> None:
    with pytest.raises(NotSupported) as caught:
        connect("https://liferay.example.com")

    assert str(caught.value) == (
        "There is no user and no client id for https://liferay.example.com. "
        "Give a user (--user) or a client id (--client-id)."
    )


def test_user_for_a_database_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotSupported, match="has no users"):
        connect(f"sqlite:///{tmp_path}/a.db", ADA)


# Secrets


def test_keyring_finds_a_secret_by_connection_and_address(
    ring: MemoryKeyring,
) -> None:
    """A connection that gets another address does not send its password there."""
    save_secret("My staging", "https://one.example.com", USER, Secret("pw"))

    secret = find_secret("My staging", "https://one.example.com", USER)

    assert ring.kept == {("dmc_widgets", "My staging (https://one.example.com)"): "pw"}
    assert secret is not None
    assert secret.text == "pw"
    assert find_secret("My staging", "https://two.example.com", USER) is None


def test_secret_of_a_connection_precedes_the_general_one(
    ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find() -> str:
        secret = find_secret("My staging", "https://h", USER)
        return secret.text if secret else ""

    monkeypatch.setenv("DMC_PASSWORD", "of all")
    assert find() == "of all"
    save_secret("My staging", "https://h", USER, Secret("of the keyring"))
    assert find() == "of the keyring"
    monkeypatch.setenv("DMC_PASSWORD_MY_STAGING", "of its own")
    assert find() == "of its own"
    assert ring.kept


def test_secret_is_not_saved_without_a_keyring() -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    try:
        with pytest.raises(NotSupported) as caught:
            save_secret("My staging", "https://h", USER, Secret("pw"))
    finally:
        keyring.set_keyring(before)

    assert str(caught.value) == (
        "There is no keyring here that could store the password. Set the environment "
        "variable DMC_PASSWORD (or DMC_PASSWORD_MY_STAGING) to it instead."
    )


def test_missing_secret_is_reported_with_its_variables(ring: MemoryKeyring) -> None:
    caller = ConnectOptions(access=USER, name="My staging")

    error = refusal("https://liferay.example.com", caller)

    assert not ring.kept
    assert str(error) == (
        "https://liferay.example.com: There is no password for ada@example.com. "
        "Connect again to keep it in the keyring, or set the environment variable "
        "DMC_PASSWORD (or DMC_PASSWORD_MY_STAGING)."
    )


def test_secrets_are_absent_from_reprs_and_errors() -> None:
    with canned(answering(problem(401, "", "UNAUTHORIZED"))) as server:
        error = refusal(server.url)

    shown = f"{ADA!r} {error!r} {error} {error.__cause__!r} {pickle.dumps(error)!r}"
    assert "correct horse" not in shown
    assert base64.b64encode(b"ada@example.com:correct horse").decode() not in shown


# Basic authentication


def test_user_and_password_are_sent_with_every_request() -> None:
    with canned(answering(page())) as server:
        open_liferay(parse_address(server.url), ADA, QUICK).close()

    (request,) = server.requests
    token = base64.b64encode(b"ada@example.com:correct horse").decode()
    assert request.headers["Authorization"] == f"Basic {token}"
    assert request.path == DEFINITIONS


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        pytest.param(
            problem(401, "", "UNAUTHORIZED"),
            "The user 'ada@example.com' could not sign in. Check the name and the "
            "secret.",
            id="wrong-password",
        ),
        pytest.param(
            Answer(status=302, headers={"Location": "/c/portal/login?redirect=x"}),
            "The user 'ada@example.com' was redirected to the login page. Check the "
            "name and the secret, and that the API of the server accepts this "
            "authentication.",
            id="login-page",
        ),
        pytest.param(
            Answer(status=301, headers={"Location": "https://www.example.com/o/x"}),
            "The server redirects to https://www.example.com. Connect to that address "
            "instead.",
            id="moved",
        ),
        pytest.param(
            problem(403, "Forbidden", "FORBIDDEN"),
            "The user 'ada@example.com' may not read object definitions: GET "
            "/o/object-admin/v1.0/object-definitions was refused. Give the user a role "
            "with the permission VIEW. It says: Forbidden",
            id="permission",
        ),
        pytest.param(
            Answer(b"<html>hello</html>", headers={"Content-Type": "text/html"}),
            "The response is not from a Liferay REST API: it is a page (HTTP 200). "
            "Check the address.",
            id="page",
        ),
        pytest.param(
            Answer(b"<h1>no</h1>", 404, {"Content-Type": "text/html"}),
            "The response is not from a Liferay REST API: it is a page (HTTP 404). "
            "Check the address.",
            id="other-server",
        ),
        pytest.param(
            Answer({"hello": "world"}),
            "The response is not from a Liferay REST API: a list has no items.",
            id="other-json",
        ),
        pytest.param(
            Answer({"items": ["a", None]}),
            "The response is not from a Liferay REST API: a list has no items.",
            id="other-list",
        ),
        pytest.param(
            problem(500, "Internal Server Error", "INTERNAL_SERVER_ERROR"),
            "The request was refused (HTTP 500). It says: Internal Server Error",
            id="broken",
        ),
    ],
)
def test_unusable_response_is_explained_in_a_sentence(
    answer: Answer, reason: str
) -> None:
    with canned(answering(answer)) as server:
        error = refusal(server.url)

    assert (type(error), error.reason) == (Refused, reason)
    assert len(server.requests) == 1


# OAuth 2


CLIENT = ConnectOptions(access=Access(client_id="dmc"), secret=Secret("client secret"))


class TokenServer:
    """An OAuth server that accepts the last token it has issued."""

    def __init__(self, lasts_s: float = 600) -> None:
        self.lasts_s = lasts_s
        self.given = 0
        self.revoked: set[str] = set()

    def __call__(self, request: Request) -> Answer:
        if request.path == "/o/oauth2/token":
            form = parse_qs(request.body.decode())
            if form["client_secret"] != ["client secret"]:
                return Answer({"error": "invalid_client"}, 400)
            self.given += 1
            token = {"access_token": f"t{self.given}", "token_type": "Bearer"}
            return Answer({**token, "expires_in": self.lasts_s})
        sent = request.headers.get("Authorization", "")
        good = sent == f"Bearer t{self.given}" and sent not in self.revoked
        return page() if good else problem(401, "", "UNAUTHORIZED")


def test_one_token_serves_many_requests() -> None:
    tokens = TokenServer()
    with canned(tokens) as server:
        opened = open_liferay(parse_address(server.url), CLIENT, QUICK)
        opened.require_answer()
        opened.require_answer()
        opened.close()

    assert tokens.given == 1


def test_token_is_renewed_before_it_expires() -> None:
    tokens = TokenServer(lasts_s=2)
    with canned(tokens) as server:
        opened = open_liferay(parse_address(server.url), CLIENT, QUICK)
        time.sleep(1.1)
        opened.require_answer()
        opened.close()

    assert tokens.given == 2
    assert all("Bearer" not in str(r.params) for r in server.requests)


def test_revoked_token_is_replaced_once() -> None:
    tokens = TokenServer()
    with canned(tokens) as server:
        opened = open_liferay(parse_address(server.url), CLIENT, QUICK)
        tokens.revoked.add("Bearer t1")
        opened.require_answer()
        opened.close()

    assert tokens.given == 2


def test_wrong_client_secret_is_rejected() -> None:
    caller = ConnectOptions(access=Access(client_id="dmc"), secret=Secret("wrong"))
    with canned(TokenServer()) as server:
        error = refusal(server.url, caller)

    assert error.reason == (
        "The client 'dmc' could not sign in. Check the name and the secret."
    )


def test_token_that_is_never_accepted_is_reported() -> None:
    tokens = TokenServer()
    tokens.revoked = {"Bearer t1", "Bearer t2", "Bearer t3"}
    with canned(tokens) as server:
        error = refusal(server.url, CLIENT)

    assert error.reason == (
        "The client 'dmc' could not sign in. Check the name and the secret."
    )
    assert tokens.given == 2


# The way to the server


def test_unknown_host_is_refused() -> None:
    error = refusal("https://no-such-host.invalid")

    assert error.reason.startswith(
        (
            "There is no host named no-such-host.invalid.",
            "The server could not be reached.",
        )
    )


def test_closed_port_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    error = refusal(f"http://127.0.0.1:{port}")

    assert (type(error), error.reason) == (
        Unreachable,
        "The server could not be reached.",
    )


def test_silent_server_is_unreachable() -> None:
    limits = Limits(answer_s=0.1, tries=2, wait_s=0.01)
    with (
        canned(lambda _request: late(0.5)) as server,
        pytest.raises(Unreachable, match="did not answer in time"),
    ):
        open_liferay(parse_address(server.url), ADA, limits)


def test_busy_server_is_retried_after_the_stated_time() -> None:
    busy = iter([Answer(status=503, headers={"Retry-After": "1"}), Answer(status=429)])
    with canned(lambda _request: next(busy, page())) as server:
        limits = Limits(tries=3, wait_s=0.01)
        began = time.monotonic()
        open_liferay(parse_address(server.url), ADA, limits).close()

    assert len(server.requests) == 3
    assert time.monotonic() - began >= 1


def test_failing_server_is_left_alone_for_a_while() -> None:
    """Once all attempts have failed, nothing is sent for a while."""
    answers = iter([page()])
    with canned(lambda _request: next(answers, Answer(status=503))) as server:
        opened = open_liferay(parse_address(server.url), ADA, QUICK)
        for _ in range(3):
            with pytest.raises(Unreachable, match="busy or restarting"):
                opened.require_answer()
        opened.close()

    assert len(server.requests) == 1 + QUICK.tries


def test_cancelled_wait_ends_at_once() -> None:
    not_cancelled = threading.Event()
    not_cancelled.set()
    caller = ConnectOptions(
        access=USER, secret=ADA.secret, should_continue=not_cancelled.is_set
    )
    answers = iter([page()])
    with canned(lambda _request: next(answers, None) or late(2)) as server:
        opened = open_liferay(parse_address(server.url), caller, Limits())
        threading.Timer(0.2, not_cancelled.clear).start()
        began = time.monotonic()
        with pytest.raises(Unreachable, match="was cancelled"):
            opened.entity_types()
        assert time.monotonic() - began < 1
        opened.close()


def certificate(
    folder: Path, begins: timedelta = -timedelta(hours=1)
) -> tuple[Path, ssl.SSLContext]:
    """Return a self-signed certificate, and a server's SSL context with it.

    Args:
        folder: Where its files go.
        begins: From now on; it is good for two hours then.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dmc test")])
    first = datetime.now(UTC) + begins
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(first)
        .not_valid_after(first + timedelta(hours=2))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file, private = folder / "ca.pem", folder / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, private)
    return file, context


def test_certificate_of_a_private_authority_needs_a_ca_file(tmp_path: Path) -> None:
    file, context = certificate(tmp_path)
    trusting = ConnectOptions(
        access=Access(user="ada", ca_file=str(file)), secret=Secret("pw")
    )
    with canned(answering(page()), context) as server:
        error = refusal(server.url)
        open_liferay(parse_address(server.url), trusting, QUICK).close()
        again = refusal(server.url)  # other connections do not trust it from then on

    assert type(error) is type(again) is Refused
    assert again.reason == error.reason
    assert error.reason.startswith("The server's certificate is not trusted (")
    assert error.reason.endswith(
        "If your own certificate authority issued it, give the certificate of that "
        "authority as the CA file."
    )
    assert len(server.requests) == 1


def test_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    file, context = certificate(tmp_path)
    trusting = ConnectOptions(
        access=Access(user="ada", ca_file=str(file)), secret=Secret("pw")
    )
    with canned(answering(page()), context) as server:
        error = refusal(server.url.replace("127.0.0.1", "localhost"), trusting)

    assert type(error) is Refused
    assert error.reason.startswith(
        "The server's certificate belongs to another host (Hostname "
    )
    assert error.reason.endswith("). Check the address.")


@pytest.mark.parametrize("hours", [-3, 3], ids=["expired", "not yet valid"])
def test_certificate_out_of_date_is_refused(tmp_path: Path, hours: int) -> None:
    file, context = certificate(tmp_path, timedelta(hours=hours))
    trusting = ConnectOptions(
        access=Access(user="ada", ca_file=str(file)), secret=Secret("pw")
    )
    with canned(answering(page()), context) as server:
        error = refusal(server.url, trusting)

    assert type(error) is Refused
    assert error.reason.startswith("The server's certificate is out of date (")
    assert error.reason.endswith("), unless the clock of this machine is wrong.")


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
def test_unreachable_proxy_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        proxy = f"127.0.0.1:{listening.getsockname()[1]}"
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(variable, f"http://ada:pw@{proxy}")
    error = refusal("https://liferay.example")

    assert type(error) is Unreachable
    assert error.reason == (
        f"The server could not be reached. {variable} names the proxy {proxy}: check "
        "it, and NO_PROXY."
    )


def test_invalid_ca_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("hello")
    access = Access(user="ada", ca_file=str(file))

    error = refusal(
        "https://localhost", ConnectOptions(access=access, secret=Secret("pw"))
    )

    assert error.reason == (
        f"The CA file {file} cannot be used. It has to exist and to hold certificates "
        "in PEM form."
    )


def test_every_transport_error_is_translated() -> None:
    """A new exception of the HTTP library breaks this test instead of a user."""
    raised = {
        var
        for var in vars(httpx2).values()
        if isinstance(var, type) and issubclass(var, httpx2.RequestError)
    }
    families = {
        httpx2.RequestError,
        httpx2.TransportError,
        httpx2.TimeoutException,
        httpx2.NetworkError,
        httpx2.ProtocolError,
    }

    assert raised - families == set(faults.TRANSPORT_ERRORS)
