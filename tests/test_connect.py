"""`dmc.connect` refuses what it would otherwise have to leave out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dmc_widgets as dmc

URL = "https://liferay.example.com"


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        pytest.param(
            {"password": "secret"},
            "A password is given without a user. Give user= as well.",
            id="password-without-a-user",
        ),
        pytest.param(
            {"password": "secret", "client_id": "dmc"},
            "A password is given without a user. Give user= as well.",
            id="password-of-a-client",
        ),
        pytest.param(
            {"client_secret": "secret"},
            "A client secret is given without a client. Give client_id= as well.",
            id="client-secret-without-a-client",
        ),
        pytest.param(
            {"client_secret": "secret", "user": "ada"},
            "A client secret is given without a client. Give client_id= as well.",
            id="client-secret-of-a-user",
        ),
    ],
)
def test_secret_without_its_owner_is_refused(
    keywords: dict[str, Any], message: str
) -> None:
    """Another secret, that of the environment, would be sent in its place."""
    with pytest.raises(dmc.InvalidPlan) as caught:
        dmc.connect(URL, **keywords)

    assert str(caught.value) == message
    assert "secret'" not in repr(caught.value)


def test_no_certificates_are_no_file(tmp_path: Path) -> None:
    with dmc.connect(f"sqlite:///{tmp_path / 'a.db'}", ca_file=None) as installation:
        assert list(installation.read("ObjectDefinition")) == []
