"""What goes when a definition or picklist is overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.objects.comparison.differences import Deletion, find_deletions
from dmc_widgets.objects.documents.change_set import DEFINITION, FOLDER, PICKLIST

Body = dict[str, Any]


def named(*names: str, **more: Any) -> list[Body]:
    return [{"name": name, "key": name, **more} for name in names]


@pytest.mark.parametrize(
    ("kind", "coming", "there", "expected"),
    [
        pytest.param(
            DEFINITION,
            {"objectFields": named("title", "new")},
            {"name": "Ticket", "objectFields": named("title", "due", "price")},
            [("fields", ("due", "price"))],
            id="fields-that-only-the-target-has",
        ),
        pytest.param(
            DEFINITION,
            {},
            {
                "name": "Ticket",
                "objectFields": [
                    *named("creator", system="true"),
                    *named("r_owner_c_personId", businessType="Relationship"),
                ],
                "objectRelationships": [*named("notes"), *named("users", reverse=True)],
            },
            [("relationships", ("notes",))],
            id="relationships-of-its-own",
        ),
        pytest.param(
            PICKLIST,
            {"listTypeEntries": named("low")},
            {"name": "Ticket", "listTypeEntries": named("low", "high")},
            [("keys", ("high",))],
            id="keys",
        ),
        pytest.param(
            FOLDER,
            {"objectFolderItems": []},
            {"name": "Ticket", "objectFolderItems": named("x")},
            [],
            id="folders-hold-no-values",
        ),
    ],
)
def test_only_what_the_target_has_alone_goes(
    kind: str, coming: Body, there: Body, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    """What an installation makes itself, or another document declares, stays."""
    assert list(find_deletions(kind, coming, there)) == [
        Deletion(kind=kind, name="Ticket", what=what, names=names)
        for what, names in expected
    ]
