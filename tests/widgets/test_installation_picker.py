"""Adding an installation from the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.installation_picker import AddInstallation


@pytest.fixture
def form(page: Dashboard) -> AddInstallation:
    form = page.picker.add
    form.opener.click()
    return form


def test_an_installation_is_added_and_chosen(
    page: Dashboard, form: AddInstallation, tmp_path: Path
) -> None:
    assert form.connect.disabled
    form.name.value = "Staging"
    form.url.value = f"sqlite:///{tmp_path / 'staging.db'}"
    form.connect.click()

    assert form.layout.display == "none"
    assert page.picker.choice.value == "Staging"
    assert page.picker.address.value == f"sqlite:///{tmp_path / 'staging.db'}"
    assert page.session.dashboard.message is not None
    assert page.session.dashboard.message.text == "Staging was added."


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        (
            "sqlite:///staging.db",
            "Give the full path: sqlite:////srv/data/staging.db, for example.",
        ),
        (
            "sqlite:////no/such/folder/x.db",
            "sqlite:////no/such/folder/x.db: The folder /no/such/folder does not "
            "exist. Make it first.",
        ),
    ],
)
def test_an_address_that_does_not_answer_is_refused_in_the_form(
    page: Dashboard, form: AddInstallation, url: str, refusal: str
) -> None:
    form.name.value = "Staging"
    form.url.value = url
    form.connect.click()

    assert form.refusal.value == f'<span role="alert">{refusal}</span>'
    assert form.layout.display is None
    assert page.picker.choice.value == "Sample source"
