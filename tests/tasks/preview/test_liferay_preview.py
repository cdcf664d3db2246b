"""Previews ask a Liferay server, over real HTTP, and say what they say elsewhere."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.installations import ConnectOptions, connect
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Installation, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.preview.import_preview import create_preview
from dmc_widgets.tasks.preview.sampling import take_sample
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.gallery import ERC, FULL, PICKLIST, PICTURE, ROOM, write


def test_preview_of_a_server_equals_that_of_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules, stored entries, parents, unique values and definitions come by HTTP."""
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", "A" * 43 + "=")
    caller = ConnectOptions(
        access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
    )
    with run_sandbox(tmp_path / "sandbox.db") as sandbox:
        installation = connect(sandbox.url, caller)
        write(installation, "ListTypeDefinition", PICKLIST)
        write(installation, "ObjectDefinition", PICTURE, ROOM)
        write(installation, "Room", {ERC: "R-1"}, {ERC: "R-2"})
        write(installation, "Picture", FULL)

        entries = expected(
            installation,
            tmp_path,
            "Picture",
            FULL,
            {**FULL, "rank": 8},
            {"title": "a", "code": "A"},
            {"title": "b", "colour": "green"},
            {"title": "c", "r_pictures_c_roomERC": "R-9"},
            {"title": "d", "r_pictures_c_roomId": 999_999},
            {"title": "e", "shownIn": ["R-2"]},
            {"title": "f", "shownIn": ["R-7"]},
        )
        definitions = find_entity_type(installation.entity_types(), "ObjectDefinition")
        known = list(islice(installation.read(definitions, Query()), 2))
        documents = expected(
            installation,
            tmp_path,
            "ObjectDefinition",
            *known,
            {**ROOM, ERC: "OTHER"},
            {**ROOM, ERC: "HALL", "name": "Hall", "objectRelationships": []},
        )
        installation.close()

    assert entries == [
        "unchanged",
        "updated",
        "failed",
        "failed",
        "failed",
        "failed",
        "created",
        "failed",
    ]
    assert documents == ["unchanged", "unchanged", "failed", "created"]


def expected(
    installation: Installation, folder: Path, entity: str, *records: dict[str, Any]
) -> list[str]:
    path = folder / "records.json"
    path.write_text(json.dumps(records))
    preview = create_preview(
        installation, ImportPlan(entity_type=entity), take_sample(path)
    )
    return [record.expected.value for record in preview.records]
