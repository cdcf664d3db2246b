"""State picklists in a SQL database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.ports import Item
from dmc_widgets.testing.samples import (
    CREATED,
    FAILED,
    PARTIAL,
    UNCHANGED,
    UPDATED,
    field,
    kinds,
    read,
    write,
)
from tests.installations.databases import Place, open_at

pytestmark = pytest.mark.each_database

STATES: Item = {
    "externalReferenceCode": "STATES",
    "name": "States",
    "listTypeEntries": [
        {"key": key, "name": key, "name_i18n": {"en-US": key}}
        for key in ("open", "busy", "closed")
    ],
}
FLOW = {
    "objectStates": [
        {"key": "open", "objectStateTransitions": [{"key": "busy"}]},
        {"key": "busy", "objectStateTransitions": [{"key": "closed"}]},
        {"key": "closed", "objectStateTransitions": []},
    ]
}


def job(**settings: Any) -> Item:
    """Make a definition with a state of these settings."""
    state = field(
        "state",
        "Picklist",
        required=True,
        state=True,
        listTypeDefinitionExternalReferenceCode="STATES",
        settings={"defaultValueType": "inputAsValue", "defaultValue": "open"}
        | settings,
    )
    return {
        "externalReferenceCode": "JOB",
        "name": "Job",
        "label": {"en_US": "Job"},
        "pluralLabel": {"en_US": "Jobs"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [state, field("title", "Text")],
    }


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    write(installation, "ListTypeDefinition", STATES)
    assert kinds(write(installation, "ObjectDefinition", job(stateFlow=FLOW))) == [
        CREATED
    ]
    yield installation
    installation.close()


def entry(erc: str, state: str) -> Item:
    return {"externalReferenceCode": erc, "state": state}


def states(desk: SqlInstallation) -> list[str]:
    return [entry["state"]["key"] for entry in read(desk, "C_Job")]


def test_a_new_entry_takes_the_default_or_its_own_state(desk: SqlInstallation) -> None:
    write(desk, "C_Job", {"title": "a"}, entry("J", "closed"))

    assert states(desk) == ["open", "closed"]


def test_only_transitions_of_the_flow_are_allowed(desk: SqlInstallation) -> None:
    outcomes = write(
        desk,
        "C_Job",
        entry("J", "open"),
        entry("J", "closed"),
        entry("J", "open"),
        entry("J", "busy"),
        entry("J", "open"),
    )
    later = write(desk, "C_Job", entry("J", "closed"), policy=PARTIAL)
    back = write(desk, "C_Job", entry("J", "open"), policy=PARTIAL)

    assert kinds(outcomes) == [CREATED, FAILED, UNCHANGED, UPDATED, FAILED]
    assert kinds([*later, *back]) == [UPDATED, FAILED]
    assert back[0].problem is not None
    assert back[0].problem.message == (
        "Object state ID closed cannot be transitioned to object state ID open"
    )
    assert states(desk) == ["closed"]


def test_without_a_flow_all_transitions_are_allowed(desk: SqlInstallation) -> None:
    write(desk, "ObjectDefinition", job())
    write(desk, "C_Job", entry("J", "closed"))

    assert kinds(write(desk, "C_Job", entry("J", "open"))) == [UPDATED]


def test_an_update_of_other_fields_leaves_the_state(desk: SqlInstallation) -> None:
    write(desk, "C_Job", entry("J", "closed"))
    title = {"externalReferenceCode": "J", "title": "b"}

    assert kinds(write(desk, "C_Job", title, policy=PARTIAL)) == [UPDATED]
    assert states(desk) == ["closed"]


def test_replacing_without_a_state_goes_to_the_default_if_the_flow_lets_it(
    desk: SqlInstallation,
) -> None:
    """Liferay's PUT takes the default for a field that is left out."""
    write(desk, "C_Job", entry("J", "closed"), entry("K", "open"))
    changed = [{"externalReferenceCode": erc, "title": "b"} for erc in "JK"]

    assert kinds(write(desk, "C_Job", *changed)) == [FAILED, UPDATED]
