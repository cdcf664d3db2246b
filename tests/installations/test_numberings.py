"""AutoIncrement fields in a SQL database: no number is given twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.ports import Item
from dmc_widgets.testing.samples import (
    CREATED,
    FAILED,
    INSERT,
    PARTIAL,
    UNCHANGED,
    UPDATED,
    field,
    kinds,
    read,
    write,
)
from tests.installations.databases import Place, file_of, open_at
from tests.installations.older_databases import set_back

pytestmark = pytest.mark.each_database

CASE: Item = {
    "externalReferenceCode": "CASE",
    "name": "Case",
    "label": {"en_US": "Case"},
    "pluralLabel": {"en_US": "Cases"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        field(
            "code",
            "AutoIncrement",
            required=True,
            settings={"prefix": "C-", "suffix": "", "initialValue": "005"},
        ),
        field("title", "Text", required=True),
    ],
}

WRITER = """
import sys
from dmc_widgets.installations import connect
from dmc_widgets.model.strategies import Policy
from dmc_widgets.ports import Batch
installation = connect(sys.argv[1])
case = next(t for t in installation.entity_types() if t.name == "C_Case")
for number in range(20):
    items = [{"title": "x"}] * 10
    batch = Batch(task=sys.argv[2], number=number, items=items, policy=Policy())
    installation.write(case, batch)
installation.close()
"""


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "desk")
    assert kinds(write(installation, "ObjectDefinition", CASE)) == [CREATED]
    yield installation
    installation.close()


def case(erc: str, **values: Any) -> Item:
    return {"externalReferenceCode": erc, "title": erc, **values}


def codes(desk: SqlInstallation) -> list[str]:
    return [entry["code"] for entry in read(desk, "C_Case")]


def test_new_entries_get_numbers_one_after_the_other(desk: SqlInstallation) -> None:
    write(desk, "C_Case", case("1"), case("2", code=None), case("3", code=""))
    write(desk, "C_Case", case("4"))

    assert codes(desk) == ["C-005", "C-006", "C-007", "C-008"]


def test_an_own_number_is_kept_and_the_counter_moves_past_it(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Case", case("1", code="C-100"), case("2"), case("3", code="C-50"))
    write(desk, "C_Case", case("4"))

    assert codes(desk) == ["C-100", "C-101", "C-50", "C-102"]


def test_an_own_number_is_unique(desk: SqlInstallation) -> None:
    write(desk, "C_Case", case("1"))

    (outcome,) = write(desk, "C_Case", case("2", code="C-005"))

    assert outcome.problem is not None
    assert outcome.problem.code == "unique-value-constraint-violation"


def test_a_failed_record_takes_no_number(desk: SqlInstallation) -> None:
    outcomes = write(desk, "C_Case", {"title": ""}, case("1"), case("2", code="x"))

    assert kinds(outcomes) == [FAILED, CREATED, FAILED]
    assert codes(desk) == ["C-005"]


@pytest.mark.parametrize("code", [{}, {"code": None}, {"code": "C-005"}])
def test_an_entry_keeps_its_number_on_update(
    desk: SqlInstallation, code: dict[str, Any]
) -> None:
    write(desk, "C_Case", case("1"))

    same = write(desk, "C_Case", case("1", **code))
    replaced = write(desk, "C_Case", case("1", **code) | {"title": "b"})
    merged = write(desk, "C_Case", case("1", **code), policy=PARTIAL)

    assert kinds([*same, *replaced, *merged]) == [UNCHANGED, UPDATED, UPDATED]
    assert codes(desk) == ["C-005"]


def test_an_entry_that_is_there_already_takes_no_number(desk: SqlInstallation) -> None:
    write(desk, "C_Case", case("1"))

    outcomes = write(desk, "C_Case", case("1"), policy=INSERT)
    write(desk, "C_Case", case("2"), policy=INSERT)

    assert kinds(outcomes) == [FAILED]
    assert codes(desk) == ["C-005", "C-006"]


def test_a_batch_that_is_written_again_gives_no_numbers(desk: SqlInstallation) -> None:
    first = write(desk, "C_Case", {"title": "a"}, task="again", number=1)
    second = write(desk, "C_Case", {"title": "a"}, task="again", number=1)
    write(desk, "C_Case", case("1"))

    assert first == second
    assert codes(desk) == ["C-005", "C-006"]


def test_two_processes_never_give_a_number_twice(
    desk: SqlInstallation, place: Place
) -> None:
    command = [sys.executable, "-c", WRITER, place.url]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]

    assert sorted(codes(desk)) == [f"C-{number:03}" for number in range(5, 405)]


@pytest.mark.own_file
def test_counting_goes_on_after_what_an_older_version_kept(
    desk: SqlInstallation, place: Place
) -> None:
    """Version 1 of the tables had no counters, and kept any value that came."""
    write(desk, "C_Case", case("1", code="C-041"))
    desk.close()
    set_back(file_of(place), "0001")

    again = open_at(place, "desk")
    write(again, "C_Case", case("2"))

    assert codes(again) == ["C-041", "C-042"]
    again.close()


def test_a_field_that_is_deleted_and_made_again_starts_anew(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Case", case("1"))
    write(desk, "ObjectDefinition", {**CASE, "objectFields": [CASE["objectFields"][1]]})
    write(desk, "ObjectDefinition", CASE)
    write(desk, "C_Case", case("2"))

    assert codes(desk) == [None, "C-005"]
