"""HTTPS: a certificate that the sandbox makes, or files of the user."""

from __future__ import annotations

import datetime as dt
import signal
import ssl
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

import dmc_widgets as dmc
from dmc_widgets.cli import app
from dmc_widgets.errors import NotSupported, Refused
from dmc_widgets.sandbox.tls import load_certificate, make_certificate
from tests.sandbox.conftest import DEFINITIONS, definition
from tests.sandbox.test_command import start

USER = "test@liferay.com"
PASSWORD = "from outside"


def test_clients_trust_the_printed_authority_and_nothing_else(tmp_path: Path) -> None:
    process = start(tmp_path, "--tls")
    try:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(7)]
        url = printed[0].split()[-1].rstrip("/")
        ca_file = printed[5].partition("--ca-file ")[2].strip()
        trusted = ssl.create_default_context(cafile=ca_file)
        with httpx2.Client(
            base_url=url, auth=(USER, PASSWORD), verify=trusted, timeout=30
        ) as client:
            created = client.post(DEFINITIONS, json=definition("Sedge")).json()
            client.post("/o/c/sedges", json={"title": "A"})
        with dmc.connect(url, user=USER, password=PASSWORD, ca_file=ca_file) as server:
            entries = [item["title"] for item in server.read("Sedge")]
        with pytest.raises(Refused, match="not trusted"):
            dmc.connect(url, user=USER, password=PASSWORD).entity_types()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    assert url.startswith("https://127.0.0.1:")
    assert entries == ["A"]
    links = [link["href"] for link in created["actions"].values()]
    assert links
    assert all(link.startswith(url) for link in links)


def test_certificate_is_kept_until_its_last_weeks(tmp_path: Path) -> None:
    """Whoever trusts its authority need not do so again at each start."""
    first = make_certificate(tmp_path / "tls", "127.0.0.1")
    content = first.certfile.read_bytes()

    again = make_certificate(tmp_path / "tls", "0.0.0.0").certfile.read_bytes()
    late = dt.datetime.now(dt.UTC) + dt.timedelta(days=360)
    renewed = make_certificate(tmp_path / "tls", "::1", lambda: late)

    assert again == content
    assert renewed.certfile.read_bytes() != content
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*.pem")}
    assert modes == {"ca.pem": 0o600, "cert.pem": 0o600, "key.pem": 0o600}


def test_certificate_is_made_anew_for_another_host(tmp_path: Path) -> None:
    local = make_certificate(tmp_path, "localhost").certfile.read_bytes()

    named = make_certificate(tmp_path, "stage.example.com").certfile.read_bytes()

    assert named != local
    assert make_certificate(tmp_path, "localhost").certfile.read_bytes() == named


def test_damaged_certificate_is_replaced(tmp_path: Path) -> None:
    damaged = make_certificate(tmp_path, "localhost")
    damaged.keyfile.write_bytes(b"")

    assert (
        load_certificate(
            make_certificate(tmp_path, "localhost").certfile, damaged.keyfile
        ).keyfile
        == damaged.keyfile
    )


def test_files_of_the_user_have_to_belong_together(tmp_path: Path) -> None:
    one = make_certificate(tmp_path / "one", "localhost")
    two = make_certificate(tmp_path / "two", "localhost")
    both = tmp_path / "both.pem"
    both.write_bytes(one.certfile.read_bytes() + one.keyfile.read_bytes())
    (tmp_path / "text.pem").write_text("hello")

    assert load_certificate(both, None).keyfile == both
    for certfile, keyfile, reason in (
        (one.certfile, two.keyfile, "key values mismatch"),
        (one.certfile, tmp_path / "none.pem", "No such file or directory"),
        (tmp_path / "text.pem", None, "cannot be used"),
    ):
        with pytest.raises(NotSupported, match=reason):
            load_certificate(certfile, keyfile)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--keyfile", "key.pem"], "add --certfile"),
        (["--tls", "--certfile", "cert.pem"], "Choose one"),
    ],
)
def test_options_that_exclude_each_other_are_refused(
    tmp_path: Path, options: list[str], message: str
) -> None:
    command = ["sandbox", "--db", str(tmp_path / "x.db"), *options]

    result = CliRunner().invoke(app, command)

    assert result.exit_code == 2
    assert message in result.output
