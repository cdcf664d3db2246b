"""Adding an installation from the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets.model.access import Access
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.installation_picker import AddInstallation
from tests.installations.canned_server import canned
from tests.installations.canned_server import page as answer_page


@pytest.fixture
def form(page: Dashboard) -> AddInstallation:
    form: AddInstallation = page.picker.add
    form.opener.click()
    return form


def test_added_installation_is_selected(
    page: Dashboard, form: AddInstallation, tmp_path: Path
) -> None:
    assert form.connect.disabled
    form.name.value = "Staging"
    form.url.value = f"sqlite:///{tmp_path / 'staging.db'}"
    form.connect.click()

    assert form.layout.display == "none"
    assert page.picker.choice.value == "Staging"
    assert page.picker.address.value == (
        f'<span title="sqlite:///{tmp_path / "staging.db"}">'
        "Embedded Database, <bdi>staging.db</bdi></span>"
    )
    assert page.session.dashboard.message is not None
    assert page.session.dashboard.message.text == "Staging was added."


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (
            "sqlite:///staging.db",
            "Give the full path: sqlite:////srv/data/staging.db, for example.",
        ),
        (
            "sqlite:////no/such/folder/x.db",
            "sqlite:////no/such/folder/x.db: The folder /no/such/folder does not "
            "exist. Create it first.",
        ),
    ],
)
def test_unreachable_address_is_refused_in_the_form(
    page: Dashboard, form: AddInstallation, url: str, error: str
) -> None:
    form.name.value = "Staging"
    form.url.value = url
    form.connect.click()

    assert form.error.value == f'<span role="alert">{error}</span>'
    assert form.layout.display is None
    assert page.picker.choice.value == "Sample source"


def test_server_address_asks_for_credentials_and_clears_them(
    page: Dashboard, form: AddInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMC_PASSWORD", "correct horse")
    with canned(lambda _request: answer_page()) as server:
        form.name.value = "Live"
        form.url.value = server.url
        display = form.sign_in.layout.display
        form.sign_in.user.value = "ada@example.com"
        form.sign_in.secret.value = "correct horse"
        form.connect.click()

    assert display is None
    assert page.picker.choice.value == "Live"
    assert form.sign_in.secret.value == ""
    assert form.sign_in.secret._view_name == "PasswordView"


def test_oauth_client_signs_in_with_its_secret(form: AddInstallation) -> None:
    form.url.value = "https://liferay.example.com"
    form.sign_in.kind.value = "client"
    form.sign_in.user.value = "dmc"
    form.sign_in.secret.value = "s"

    assert form.sign_in.credentials(form.url.value) == (Access(client_id="dmc"), "s")
    assert form.sign_in.secret.description == "Client Secret"
    form.url.value = "sqlite:////srv/a.db"
    assert form.sign_in.layout.display == "none"
    assert form.sign_in.credentials(form.url.value) == (Access(), "")
