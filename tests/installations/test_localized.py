"""Localized fields in a SQL database: there and back, and when they are deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.model.outcome import Outcome
from dmc_widgets.ports import Item
from dmc_widgets.testing.samples import (
    CREATED,
    FAILED,
    PARTIAL,
    UNCHANGED,
    UPDATED,
    failure_of,
    field,
    kinds,
    read,
    write,
)
from tests.installations.databases import Place, open_at

pytestmark = pytest.mark.each_database

PAGE: Item = {
    "externalReferenceCode": "PAGE",
    "name": "Page",
    "label": {"en_US": "Page"},
    "pluralLabel": {"en_US": "Pages"},
    "scope": "company",
    "status": {"code": 0},
    "enableLocalization": True,
    "objectFields": [
        field("slug", "Text"),
        field("title", "Text", localized=True, settings={"uniqueValues": True}),
    ],
}


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    assert kinds(write(installation, "ObjectDefinition", PAGE)) == [CREATED]
    yield installation
    installation.close()


def page(erc: str, **values: object) -> Item:
    return {"externalReferenceCode": erc, **values}


def test_what_was_read_may_be_written_and_changes_nothing(
    desk: SqlInstallation,
) -> None:
    languages = {"en_US": "one", "de_DE": "eins"}
    write(desk, "C_Page", page("P-1", title_i18n=languages), page("P-2"))

    items = read(desk, "C_Page")

    assert [(item["title"], item["title_i18n"]) for item in items] == [
        ("one", languages),
        (None, None),
    ]
    assert kinds(write(desk, "C_Page", *items)) == [UNCHANGED] * 2
    assert kinds(write(desk, "C_Page", *items, policy=PARTIAL)) == [UNCHANGED] * 2


def test_a_value_is_unique_in_the_default_language(desk: SqlInstallation) -> None:
    first, second, third = write(
        desk,
        "C_Page",
        page("P-1", title_i18n={"en_US": "one", "de_DE": "gleich"}),
        page("P-2", title_i18n={"en_US": "two", "de_DE": "gleich"}),
        page("P-3", title="one"),
    )

    assert [first, second] == [Outcome(CREATED, "P-1"), Outcome(CREATED, "P-2")]
    assert third.kind is FAILED
    assert failure_of(third)[0] == "unique-value-constraint-violation"


def test_a_unique_value_is_free_after_the_default_language_changed(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Page", page("P-1", title="one"))
    changed = write(desk, "C_Page", page("P-1", title="new"), policy=PARTIAL)

    assert kinds(changed) == [UPDATED]
    assert kinds(write(desk, "C_Page", page("P-2", title="one"))) == [CREATED]


def test_a_deleted_field_takes_all_its_languages_along(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Page", page("P-1", slug="s", title_i18n={"de_DE": "eins"}))

    write(desk, "ObjectDefinition", PAGE | {"objectFields": [field("slug", "Text")]})

    assert place.rows("SELECT body FROM entry") == [(b'{"slug":"s"}',)]
