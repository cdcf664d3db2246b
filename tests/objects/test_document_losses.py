"""What goes when a definition or picklist is overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.objects.comparison.differences import Deletion, find_deletions
from dmc_widgets.objects.documents.change_set import DEFINITION, FOLDER, PICKLIST

Body = dict[str, Any]


def parts_named(*names: str, **more: Any) -> list[Body]:
    return [{"name": name, "key": name, **more} for name in names]


@pytest.mark.parametrize(
    ("kind", "coming", "there", "expected"),
    [
        pytest.param(
            DEFINITION,
            {"objectFields": parts_named("title", "new")},
            {"name": "Ticket", "objectFields": parts_named("title", "due", "price")},
            [("fields", ("due", "price"))],
            id="fields-that-only-the-target-has",
        ),
        pytest.param(
            DEFINITION,
            {},
            {
                "name": "Ticket",
                "objectFields": [
                    *parts_named("creator", system="true"),
                    *parts_named("r_owner_c_personId", businessType="Relationship"),
                ],
                "objectRelationships": [
                    *parts_named("notes"),
                    *parts_named("users", reverse=True),
                ],
            },
            [("relationships", ("notes",))],
            id="relationships-of-its-own",
        ),
        pytest.param(
            PICKLIST,
            {"listTypeEntries": parts_named("low")},
            {"name": "Ticket", "listTypeEntries": parts_named("low", "high")},
            [("keys", ("high",))],
            id="keys",
        ),
        pytest.param(
            FOLDER,
            {"objectFolderItems": []},
            {"name": "Ticket", "objectFolderItems": parts_named("x")},
            [],
            id="folders-hold-no-values",
        ),
    ],
)
def test_only_parts_that_the_target_alone_has_are_deleted(
    kind: str, coming: Body, there: Body, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    """What an installation makes itself, or another document declares, stays."""
    assert list(find_deletions(kind, coming, there)) == [
        Deletion(kind=kind, name="Ticket", what=what, names=names)
        for what, names in expected
    ]
