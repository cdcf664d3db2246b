"""Relationships given by a field of the parent: none, one and several hits."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations.sql import SqlInstallation, open_sqlite
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.mapping import FieldMapping, Mapping, mapping_from_dict
from dmc_widgets.model.plan import ImportPlan, plan_from_dict
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.tasks import error_budget
from dmc_widgets.tasks.imports import parent_lookups
from dmc_widgets.tasks.imports.parent_lookups import ParentLookups
from dmc_widgets.testing.samples import (
    CREATED,
    PICKLIST,
    field,
    kinds,
    read,
    type_named,
    write,
)
from dmc_widgets.workspace import Workspace
from tests.factories import definition

RunImport = Callable[..., Task]

OWNER = "r_owner_c_personERC"
BOSS = "r_boss_c_personERC"
NONE = ["lookup-without-result"]


def relationship(name: str, child: str) -> Item:
    return {
        "name": name,
        "label": {"en_US": name},
        "type": "oneToMany",
        "deletionType": "prevent",
        "objectDefinitionExternalReferenceCode1": "PERSON",
        "objectDefinitionExternalReferenceCode2": child,
    }


PERSON = definition(
    "Person",
    field("email", "Text"),
    field("age", "Integer"),
    field("worth", "PrecisionDecimal"),
    field("born", "Date"),
    field("seen", "DateTime", settings={"timeStorage": "convertToUTC"}),
    field("level", "Picklist", listTypeDefinitionExternalReferenceCode="LEVELS"),
    field("password", "LongText"),
    field("sum", "Formula", settings={"output": "Integer", "script": "age + 1"}),
    objectRelationships=[relationship("owner", "TASK"), relationship("boss", "PERSON")],
)
TASK = definition("Task", field("title", "Text"))
NOTE = definition("Note", field("text", "Text"), scope="site")
PEOPLE: list[Item] = [
    {
        "externalReferenceCode": "A",
        "email": "ann@x.org",
        "age": 7,
        "worth": "12345678901234567890.5",
        "born": "1969-12-31",
        "seen": "2024-01-05T15:00:00Z",
        "level": "low",
    },
    {"externalReferenceCode": "B", "email": "bob's@x.org", "age": 8},
    {"externalReferenceCode": "C", "email": "two@x.org", "age": 9, "level": "high"},
    {"externalReferenceCode": "D", "email": "two@x.org", "age": 9, "level": "high"},
]


def fill(installation: SqlInstallation) -> None:
    write(installation, "ListTypeDefinition", PICKLIST)
    definitions = write(installation, "ObjectDefinition", PERSON, TASK, NOTE)
    people = write(installation, "C_Person", *PEOPLE)
    assert kinds([*definitions, *people]) == [CREATED] * 7


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SqlInstallation]:
    installation = open_sqlite(tmp_path / "desk.db", "desk")
    fill(installation)
    yield installation
    installation.close()


def lookups(
    installation: SqlInstallation, by: str, target: str = OWNER, name: str = "C_Task"
) -> ParentLookups:
    pair = FieldMapping("source", target, lookup=by)
    kind = type_named(installation, name)
    plan = ImportPlan(entity_type=kind.key, mapping=Mapping((pair,)))
    return ParentLookups(installation, plan, kind, installation.entity_types())


def resolved(found: ParentLookups, *values: Any) -> list[Any]:
    """Return the parents' codes, or the codes of the problems."""
    return [
        problems[0].code if problems else item[OWNER]
        for item, problems in found.resolve([{OWNER: value} for value in values])
    ]


@pytest.mark.parametrize(
    ("by", "values", "codes"),
    [
        ("email", ["ann@x.org", "bob's@x.org", "ann@x.org"], ["A", "B", "A"]),
        ("email", ["ANN@x.org", {"a": 1}], ["lookup-without-result"] * 2),
        ("email", ["two@x.org", "\ud800"], ["lookup-ambiguous", *NONE]),
        ("email", [None, "", " "], [None, "", " "]),
        ("age", [7, "7", " 8 ", 7.0, 8.5], ["A", "A", "B", "A", *NONE]),
        ("age", ["many", True, 10**400, 9], [*NONE * 3, "lookup-ambiguous"]),
        ("worth", ["12345678901234567890.50", "12345678901234567890.4"], ["A", *NONE]),
        ("born", ["1969-12-31T00:00:00.000Z", "1969-12-30", "x"], ["A", *NONE * 2]),
        ("seen", ["2024-01-05T16:00:00+01:00"], ["A"]),
        ("level", ["low", {"key": "low", "name": "Low"}], ["A", "A"]),
        ("externalReferenceCode", ["D", "E"], ["D", *NONE]),
    ],
)
def test_values_find_their_parents(
    desk: SqlInstallation, by: str, values: list[Any], codes: list[str]
) -> None:
    """Numbers, days and choices are compared as such; nothing stays nothing."""
    assert resolved(lookups(desk, by), *values) == codes


def test_messages_name_object_field_and_value(desk: SqlInstallation) -> None:
    """A person who repairs the file knows what to look for."""
    found = lookups(desk, "age").resolve([{OWNER: 9, "title": "x"}, {OWNER: "x" * 300}])

    (item, (several,)), (_, (none,)) = found
    assert item == {"title": "x"}
    assert several.message == (
        "2 entries of Person have the age '9', so that it does not tell which one "
        "'r_owner_c_personERC' means."
    )
    assert none.message == (
        f"No entry of Person has the age '{'x' * 200}…', by which "
        "'r_owner_c_personERC' is looked up."
    )
    assert (several.field, several.value) == (OWNER, "9")


def test_nested_object_gets_the_code_of_its_parent(desk: SqlInstallation) -> None:
    """Any field of the relationship may be the target, but for the id."""
    found = lookups(desk, "email", target="owner").resolve([{"owner": "ann@x.org"}])

    assert found == [({"owner": {"externalReferenceCode": "A"}}, ())]


@pytest.mark.parametrize(
    ("by", "target", "message"),
    [
        (
            "email",
            "title",
            "The field 'title' of C_Task is not a relationship to an object that "
            "moves, "
            "so nothing can be looked up by 'email'.",
        ),
        (
            "email",
            "r_owner_c_personId",
            "The field 'r_owner_c_personId' takes ids. Look up 'email' for "
            "'r_owner_c_personERC' instead.",
        ),
        (
            "mail",
            OWNER,
            "The field 'r_owner_c_personERC' cannot be looked up by 'mail' of Person. "
            "Fields that can: age, born, bossERC, email, externalReferenceCode, level, "
            "password, r_boss_c_personERC, r_boss_c_personId, seen, worth.",
        ),
        (
            "sum",
            OWNER,
            "The field 'r_owner_c_personERC' cannot be looked up by 'sum' of Person. "
            "Fields that can: age, born, bossERC, email, externalReferenceCode, level, "
            "password, r_boss_c_personERC, r_boss_c_personId, seen, worth.",
        ),
    ],
)
def test_impossible_lookup_is_refused(
    desk: SqlInstallation, by: str, target: str, message: str
) -> None:
    """Before the task, in one sentence or two."""
    with pytest.raises(InvalidPlan) as caught:
        lookups(desk, by, target)

    assert str(caught.value) == message


class Counting:
    """An installation whose questions are counted."""

    def __init__(self, installation: SqlInstallation, filter_chars: int) -> None:
        self._installation = installation
        self._filter_chars = filter_chars
        self.filters: list[str] = []

    def entity_types(self) -> list[EntityType]:
        kinds_ = self._installation.entity_types()
        return [replace(kind, filter_chars=self._filter_chars) for kind in kinds_]

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        self.filters.append(query.filter)
        return self._installation.read(entity_type, query)

    def fetch(
        self, entity_type: EntityType, keys: Any, scope: str = ""
    ) -> dict[str, Item]:
        return self._installation.fetch(entity_type, keys, scope)

    def write(self, entity_type: EntityType, batch: Batch) -> Sequence[Any]:
        return self._installation.write(entity_type, batch)

    def close(self) -> None:
        self._installation.close()


def test_each_value_is_looked_up_once(
    desk: SqlInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hits and misses are remembered, as many as there is room for."""
    monkeypatch.setattr(parent_lookups, "_MAX_REMEMBERED_VALUES", 3)
    counting = Counting(desk, 4_000)
    found = lookups(counting, "age")  # type: ignore[arg-type]

    first = resolved(found, 7, 8, 7, 100)
    again = resolved(found, 100, "8", 7)
    other = resolved(found, 9, 8)
    forgotten = resolved(found, 100)

    assert first == ["A", "B", "A", *NONE]
    assert again == [*NONE, "B", "A"]
    assert other == ["lookup-ambiguous", "B"]
    assert forgotten == NONE
    assert counting.filters == ["age in (7,8,100)", "age in (9)", "age in (100)"]


def test_filters_respect_the_limit_of_the_target(desk: SqlInstallation) -> None:
    """Every value is asked for once, whatever its length."""
    counting = Counting(desk, 40)
    found = lookups(counting, "email")  # type: ignore[arg-type]

    codes = resolved(found, "ann@x.org", "bob's@x.org", "x" * 100, "y" * 10_000, "z")

    assert codes == ["A", "B", *NONE * 3]
    assert counting.filters == [
        "email in ('ann@x.org','bob''s@x.org')",
        f"email in ('{'x' * 100}')",
        "email in ('z')",
    ]


def test_records_find_earlier_records_of_their_batch(
    desk: SqlInstallation,
) -> None:
    """Entries written since are found: self references are not remembered."""
    found = lookups(desk, "email", BOSS, "C_Person")
    batch: list[Item] = [
        {"externalReferenceCode": "N", BOSS: "new@x.org", "email": "early@x.org"},
        {"externalReferenceCode": "E", "email": "new@x.org"},
        {"externalReferenceCode": "F", BOSS: "new@x.org"},
        {"externalReferenceCode": "A", "email": "ann@x.org"},
        {"externalReferenceCode": "G", BOSS: "ann@x.org"},
        {"externalReferenceCode": "H", "email": "ann@x.org"},
        {"externalReferenceCode": "I", BOSS: "ann@x.org"},
    ]

    resolved_ = found.resolve(batch)
    write(desk, "C_Person", {"externalReferenceCode": "L", "email": "early@x.org"})
    write(desk, "C_Person", {"externalReferenceCode": "M", "email": "late@x.org"})
    later = found.resolve([{BOSS: "new@x.org"}, {BOSS: "late@x.org"}])

    told = [p[0].code if p else item.get(BOSS) for item, p in resolved_]
    assert told == [*NONE, None, "E", None, "A", None, "lookup-ambiguous"]
    assert [p[0].code if p else item[BOSS] for item, p in later] == [*NONE, "M"]


def plan(**more: Any) -> ImportPlan:
    fields = {
        "title": "title",
        OWNER: {
            "source": "who",
            "lookup": "email",
            "values": {"boss": "bob's@x.org"},
            "if_missing": None,
        },
    }
    return ImportPlan(
        entity_type="Task",
        name="test",
        mapping=mapping_from_dict({"fields": fields}),
        **more,
    )


RECORDS = [
    {"title": "one", "who": "ann@x.org"},
    {"title": "two", "who": "two@x.org"},
    {"title": "three", "who": "nobody"},
    {"title": "four"},
    {"title": "five", "who": "boss"},
]


@pytest.fixture
def target_desk(workspace: Workspace, center: Center) -> Iterator[SqlInstallation]:
    """The installation *target* of the workspace, with people in it."""
    url = workspace.connections.get("target").url
    installation = open_sqlite(Path(url.removeprefix("sqlite:///")), "target")
    assert center.installations.list()
    fill(installation)
    yield installation
    installation.close()


@pytest.mark.parametrize("size", [1, 2, 1000])
def test_import_fills_parents_and_fails_other_records(
    center: Center,
    run_import: RunImport,
    target_desk: SqlInstallation,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    """Values and defaults apply before the look-up; failures are the records'."""
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", size)
    policy = Policy(error_strategy=ErrorStrategy.CONTINUE)

    task = run_import(json.dumps(RECORDS).encode(), plan(policy=policy))

    assert task.counts == Counts(created=3, failed=2)
    told = [(x.index, x.problem.code) for x in center.tasks.failures(task.id)]
    assert told == [(2, "lookup-ambiguous"), (3, "lookup-without-result")]
    items = read(target_desk, "C_Task", "title", OWNER)
    assert [(item["title"], item[OWNER]) for item in items] == [
        ("one", "A"),
        ("four", ""),
        ("five", "B"),
    ]


def test_import_stops_at_the_first_missing_parent(
    run_import: RunImport, target_desk: SqlInstallation
) -> None:
    """Records before it are written, those after it are not tried."""
    task = run_import(json.dumps(RECORDS).encode(), plan())

    assert task.counts == Counts(created=1, failed=1, skipped=3)
    assert len(read(target_desk, "C_Task")) == 1


def test_preview_shows_found_parents(
    center: Center, target_desk: SqlInstallation, tmp_path: Path
) -> None:
    """The same look-up, the same words."""
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(RECORDS))
    before = read(target_desk, "C_Task")

    shown = center.files.preview_records("target", plan(), path)

    assert [record.target.get(OWNER) for record in shown.records] == [
        "A",
        None,
        None,
        None,
        "B",
    ]
    told = [[f.problem.code for f in record.faults] for record in shown.records]
    assert told == [[], ["lookup-ambiguous"], ["lookup-without-result"], [], []]
    assert [f.target for f in shown.records[1].faults] == [OWNER]
    assert read(target_desk, "C_Task") == before == []


def test_impossible_lookup_starts_no_task(
    center: Center, target_desk: SqlInstallation, tmp_path: Path
) -> None:
    """The refusal comes before the file is copied."""
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(RECORDS))
    pairs = (
        FieldMapping("title", "title"),
        FieldMapping("who", OWNER, lookup="mail"),
    )
    wrong = ImportPlan(entity_type="Task", mapping=Mapping(pairs))
    assert target_desk.entity_types()

    with pytest.raises(InvalidPlan, match="cannot be looked up by 'mail' of Person"):
        center.tasks.start_import("target", wrong, path)

    assert center.tasks.list() == []


def test_lookup_is_accepted_in_data_and_on_the_command_line() -> None:
    """Templates, files and --map carry it; a constant has nothing to look up."""
    pair = FieldMapping.parse("owner e-mail=r_owner_c_personERC/email")
    mapping = Mapping((pair,))

    assert pair == FieldMapping("owner e-mail", OWNER, lookup="email")
    assert mapping_from_dict(mapping.as_dict()) == mapping
    assert mapping.as_dict()["fields"] == {
        OWNER: {"source": "owner e-mail", "lookup": "email"}
    }
    kept = ImportPlan(entity_type="Task", mapping=mapping)
    assert plan_from_dict(kept.as_dict()) == kept
    with pytest.raises(InvalidPlan, match="is not a mapping"):
        FieldMapping.parse("owner=r_owner_c_personERC/")
    with pytest.raises(InvalidPlan, match="has a constant and more"):
        FieldMapping("", OWNER, constant="x", lookup="email")
