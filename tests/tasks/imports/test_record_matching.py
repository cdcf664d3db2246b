"""Records matched by a key of the mapping in place of the external reference code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.mapping import Mapping, mapping_from_dict
from dmc_widgets.model.plan import ImportPlan, plan_from_dict
from dmc_widgets.model.strategies import Policy
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.ports import Item
from dmc_widgets.tasks import error_budget
from dmc_widgets.testing.samples import PICKLIST, field, write
from dmc_widgets.workspace import Workspace
from tests.factories import definition, write_json
from tests.installations.databases import new_place
from tests.sandbox.conftest import SETTINGS, run_sandbox

RunImport = Callable[..., Task]

ERC = "externalReferenceCode"
ORDER = "r_lines_c_orderERC"
MANY = {
    "label": {"en_US": "x"},
    "type": "oneToMany",
    "deletionType": "cascade",
    "objectDefinitionExternalReferenceCode1": "ORDER",
}
DEFINITIONS = [
    definition(
        "Member",
        field("email", "Text", unique=True),
        field("name", "Text", required=True),
        field("age", "Integer"),
        field("level", "Picklist", listTypeDefinitionExternalReferenceCode="LEVELS"),
        field("active", "Boolean"),
        field("secret", "Encrypted"),
        field("sum", "Formula", settings={"output": "Integer", "script": "age + 1"}),
    ),
    definition("Note", field("title", "Text"), field("text", "Text"), scope="site"),
    definition(
        "Order",
        field("number", "Integer"),
        objectRelationships=[
            {
                **MANY,
                "name": "lines",
                "objectDefinitionExternalReferenceCode2": "LINE",
            }
        ],
    ),
    definition("Line", field("position", "Integer"), field("text", "Text")),
]
MEMBERS: list[Item] = [
    {ERC: "A", "email": "ann@x.org", "name": "Ann", "age": 7, "level": "low"},
    {ERC: "B", "email": "bob's@x.org", "name": "Bob", "age": 8, "level": "low"},
    {ERC: "C", "email": "eve@x.org", "name": "Eve", "age": 8, "active": True},
]
LINES: list[Item] = [
    {ERC: "L1", ORDER: "O1", "position": 1, "text": "screws"},
    {ERC: "L2", ORDER: "O1", "position": 2, "text": "nails"},
    {ERC: "L3", ORDER: "O2", "position": 1, "text": "glue"},
    {ERC: "L4", "position": 1, "text": "without an order"},
]


@contextmanager
def server(workspace: Workspace, path: Path) -> Iterator[None]:
    with run_sandbox(path) as sandbox:
        Center(workspace).installations.add(
            "target", sandbox.url, Access(user=SETTINGS.user)
        )
        yield


everywhere = pytest.mark.parametrize(
    "target", ["embedded", "server", "postgresql"], indirect=True
)


@pytest.fixture
def target(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """Members, orders and their lines, in a database of either kind or at a server."""
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    path = tmp_path / "target.db"
    kind = getattr(request, "param", "embedded")
    with new_place("postgresql" if kind == "postgresql" else "sqlite", path) as place:
        installation = connect(place.url)
        write(installation, "ListTypeDefinition", PICKLIST)
        write(installation, "ObjectDefinition", *DEFINITIONS)
        write(installation, "C_Member", *MEMBERS)
        write(installation, "C_Order", {ERC: "O1"}, {ERC: "O2"})
        write(installation, "C_Line", *LINES)
        installation.close()
        if kind != "server":
            workspace.connections.put("target", place.url)
            yield "target"
            return
        with server(workspace, path):
            yield "target"


def plan(match: Any, entity: str = "Member", **more: Any) -> ImportPlan:
    names = {name: more.pop(name) for name in ("scope", "new_sites") if name in more}
    policy = Policy(**{"error_strategy": "continue", **more})
    return ImportPlan(
        entity_type=entity,
        name="test",
        mapping=Mapping(same_names=True, match=match),
        policy=policy,
        **names,
    )


def stored(center: Center, entity: str, *names: str) -> list[tuple[Any, ...]]:
    with center.installations.connect("target") as opened:
        return [
            tuple(item.get(name) for name in names)
            for item in opened.read(entity, fields=names)
        ]


def problems(center: Center, task: Task) -> list[tuple[int, str]]:
    return [(x.index, x.problem.code) for x in center.tasks.failures(task.id)]


@pytest.mark.parametrize(
    ("target", "size"),
    [("embedded", 1), ("embedded", 1000), ("server", 2)],
    indirect=["target"],
)
def test_a_hit_is_updated_and_keeps_its_code(
    center: Center, run_import: RunImport, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Under the code of the target, whatever the record says, in any batch."""
    monkeypatch.setattr(error_budget, "_BATCH_RECORDS", size)
    records = [
        {"email": "ann@x.org", "name": "Anna"},
        {ERC: "OTHER", "email": "bob's@x.org", "name": "Robert"},
        {"email": "new@x.org", "name": "New"},
        {ERC: "MINE", "email": "mine@x.org", "name": "Mine"},
        {"email": "new@x.org", "name": "Newer"},
        {ERC: "YOURS", "email": "mine@x.org", "name": "Yours"},
        {ERC: "C", "email": "eve@x.org", "name": "Eve", "age": 8, "active": True},
    ]

    task = run_import(records, plan("email"))

    assert task.counts == Counts(created=2, updated=4, unchanged=1)
    rows = stored(center, "Member", "email", "name", ERC)
    assert [row[:2] for row in rows] == [
        ("ann@x.org", "Anna"),
        ("bob's@x.org", "Robert"),
        ("eve@x.org", "Eve"),
        ("new@x.org", "Newer"),
        ("mine@x.org", "Yours"),
    ]
    assert [row[2] for row in rows if row[0] != "new@x.org"] == ["A", "B", "C", "MINE"]
    assert any(note.startswith("2 records had another") for note in task.notes)
    again = run_import(records, plan("email"))
    assert (again.counts.created, again.counts.failed) == (0, 0)
    assert len(stored(center, "Member", "email")) == 5


@everywhere
def test_none_one_and_several_hits_are_told_apart(
    center: Center, run_import: RunImport
) -> None:
    """And so is a record that does not have the key, or another's code."""
    records: list[Item] = [
        {"age": 8, "name": "Several"},
        {"age": "7", "name": "One"},
        {"age": 9, "name": "None"},
        {"name": "Empty"},
        {"age": "many", "name": "Not a number"},
        {ERC: "C", "age": 10, "name": "Of another"},
    ]

    task = run_import(records, plan("age"))

    assert task.counts == Counts(created=1, updated=1, failed=4)
    assert problems(center, task) == [
        (1, "match-ambiguous"),
        (4, "match-without-value"),
        (5, "match-without-value"),
        (6, "match-conflict"),
    ]
    messages = [x.problem.message for x in center.tasks.failures(task.id)]
    assert messages == [
        "2 entries of Member have the age '8', so that it does not tell which of them "
        "the record means.",
        "The record has no value of 'age', by which records are matched.",
        "This is not a value of the field 'age', and records are matched by 'age'.",
        "No entry of Member has the age '10', by which records are matched, but "
        "another entry has the external reference code 'C' of the record. Leave that "
        "code out, or correct the key.",
    ]
    names = [row[0] for row in stored(center, "Member", "name")]
    assert names == ["One", "Bob", "Eve", "None"]


def test_strategies_decide_as_for_codes(center: Center, run_import: RunImport) -> None:
    """What exists cannot be added, and what does not exist cannot be updated."""
    records = [
        {"email": "ann@x.org", "name": "Anna"},
        {"email": "new@x.org", "name": "New"},
    ]

    updated = run_import(records, plan("email", import_strategy="UPDATE"))
    assert updated.counts == Counts(updated=1, failed=1)
    assert problems(center, updated) == [(2, "match-without-result")]

    added = run_import(records, plan("email", import_strategy="INSERT"))
    assert added.counts == Counts(created=1, failed=1)
    assert problems(center, added) == [(1, "duplicate-external-reference-code")]
    again = run_import(records, plan("email", import_strategy="INSERT"))
    assert again.counts == Counts(failed=2)


@everywhere
def test_several_fields_are_a_key_and_one_may_be_empty(
    center: Center, run_import: RunImport
) -> None:
    """A line is known by its order and its position; no order is a value, too."""
    records: list[Item] = [
        {ORDER: "O1", "position": 2, "text": "rivets"},
        {ORDER: "O2", "position": "1", "text": "paste"},
        {ORDER: "O2", "position": 2, "text": "new"},
        {ORDER: None, "position": 1, "text": "still without"},
        {ORDER: "", "position": None, "text": "nothing"},
    ]

    task = run_import(records, plan([ORDER, "position"], "Line"))

    assert task.counts == Counts(created=1, updated=3, failed=1)
    rows = stored(center, "Line", ERC, "text")
    assert rows[:4] == [
        ("L1", "screws"),
        ("L2", "rivets"),
        ("L3", "paste"),
        ("L4", "still without"),
    ]
    assert rows[4][1] == "new"


def test_a_key_may_hold_a_parent_that_is_looked_up(
    center: Center, run_import: RunImport
) -> None:
    """The parent is looked up first, since the key needs it."""
    run_import([{ERC: "O1", "number": 17}], plan((), "Order"))
    mapping = mapping_from_dict(
        {
            "match": [ORDER, "position"],
            "fields": {
                ORDER: {"source": "order", "lookup": "number"},
                "position": "position",
                "text": "text",
            },
        }
    )
    chosen = replace(plan((), "Line"), mapping=mapping)

    task = run_import([{"order": 17, "position": 1, "text": "bolts"}], chosen)

    assert task.counts == Counts(updated=1)
    assert stored(center, "Line", ERC, "text")[0] == ("L1", "bolts")


def test_a_key_counts_within_its_site(center: Center, run_import: RunImport) -> None:
    """The same title in another site is another entry."""
    records = [
        {"scopeKey": "North", "title": "Hello", "text": "one"},
        {"scopeKey": "South", "title": "Hello", "text": "two"},
        {"scopeKey": "North", "title": "Hello", "text": "three"},
    ]

    task = run_import(records, plan("title", "Note", new_sites=True))

    assert task.counts == Counts(created=2, updated=1)
    assert stored(center, "Note", "scopeKey", "text") == [
        ("North", "three"),
        ("South", "two"),
    ]


@pytest.mark.parametrize(
    ("target", "strategy"),
    [
        ("embedded", "UPSERT"),
        ("embedded", "INSERT"),
        ("embedded", "UPDATE"),
        ("server", "UPSERT"),
    ],
    indirect=["target"],
)
def test_a_dry_run_says_what_the_run_does(
    center: Center, run_import: RunImport, strategy: str
) -> None:
    """Record by record, with the codes of new entries."""
    records: list[Item] = [
        {"email": "ann@x.org", "name": "Anna"},
        {"email": "new@x.org", "name": "New"},
        {ERC: "MINE", "email": "mine@x.org", "name": "Mine"},
        {"email": "new@x.org", "name": "Newer"},
        {"email": None, "name": "Nobody"},
        {ERC: "B", "email": "b@x.org", "name": "Conflict"},
    ]

    def run(*, dry_run: bool) -> Any:
        chosen = plan("email", import_strategy=strategy)
        task = run_import(records, replace(chosen, dry_run=dry_run))
        columns = ["itemIndex", "outcome", "externalReferenceCode", "code"]
        return center.tasks.outcomes(task.id)[columns].to_dict("records")

    assert run(dry_run=True) == run(dry_run=False)


def test_preview_shows_the_entry_that_is_meant(center: Center, tmp_path: Path) -> None:
    """The same look-up, the same words."""
    records = [
        {"age": 8, "name": "Several"},
        {"age": 7, "name": "One"},
        {"age": 9, "name": "None"},
    ]
    path = write_json(tmp_path / "members.json", records)

    shown = center.files.preview_records("target", plan("age"), path)

    told = [
        (str(x.expected), [f.problem.code for f in x.faults]) for x in shown.records
    ]
    assert told == [("failed", ["match-ambiguous"]), ("updated", []), ("created", [])]
    assert shown.records[1].target[ERC] == "A"


def test_key_that_nothing_fills_starts_no_task(center: Center, tmp_path: Path) -> None:
    """The check names the field, and the fields that would do."""
    path = write_json(tmp_path / "members.json", [{"name": "Ann"}])

    missing = center.files.check_import("target", plan("email"), path)
    assert missing.problems == (
        "Records are matched by 'email', which nothing fills. Map a field to it, or "
        "match them by another.",
    )
    for name in ("sum", "secret", "mail", "dateCreated", "r_x"):
        with pytest.raises(InvalidPlan) as caught:
            center.files.check_import("target", plan(name), path)
        assert str(caught.value) == (
            f"Records of C_Member cannot be matched by {name!r}. Fields that can: "
            "active, age, email, level, name."
        )


def test_a_file_without_codes_raises_no_alarm_where_it_is_matched(
    center: Center, tmp_path: Path
) -> None:
    """Importing it again adds nothing a second time."""
    path = write_json(tmp_path / "m.json", [{ERC: "X", "email": "e", "name": "n"}])
    mapping = Mapping(["email=email", "name=name"])

    plain = center.files.check_import(
        "target", replace(plan(()), mapping=mapping), path
    )
    matched = center.files.check_import(
        "target", replace(plan(()), mapping=replace(mapping, match=("email",))), path
    )

    assert any("added again" in text for text in plain.warnings)
    assert matched.warnings == ()


@everywhere
def test_documents_are_matched_by_name(center: Center, run_import: RunImport) -> None:
    """A picklist of the same name is the same, whatever its code."""
    body = {ERC: "OTHER", "name": "Levels", "listTypeEntries": [{"key": "mid"}]}

    task = run_import(
        [{**body, "listTypeEntries": [{"key": "mid", "name_i18n": {"en-US": "M"}}]}],
        plan("name", "ListTypeDefinition", update_strategy="PARTIAL_UPDATE"),
    )

    assert task.counts == Counts(updated=1), center.tasks.failures(task.id)
    assert stored(center, "ListTypeDefinition", ERC, "name") == [("LEVELS", "Levels")]


def test_parts_are_matched_within_what_they_belong_to(
    center: Center, run_import: RunImport
) -> None:
    """The key of a picklist's entry is unique in its picklist only."""
    code = "listTypeDefinitionExternalReferenceCode"
    records = [
        {code: "LEVELS", "key": "low", "name_i18n": {"en-US": "Lowest"}},
        {code: "LEVELS", "key": "mid", "name_i18n": {"en-US": "Middle"}},
    ]

    task = run_import(records, plan([code, "key"], "ListTypeEntry"))

    assert task.counts == Counts(created=1, updated=1), center.tasks.failures(task.id)
    names = sorted(stored(center, "ListTypeEntry", "key", "name"))
    assert names == [("high", "High"), ("low", "Lowest"), ("mid", "Middle")]


def test_plans_and_mapping_files_keep_the_key(center: Center, tmp_path: Path) -> None:
    """One name or several, in any of the ways in which people write them."""
    chosen = plan(["email", " age "])
    assert chosen.mapping.match == ("email", "age")
    assert plan_from_dict(chosen.as_dict()) == chosen
    for name in ("m.yaml", "m.json"):
        center.mappings.write(chosen.mapping, tmp_path / name)
        assert center.mappings.read(tmp_path / name) == chosen.mapping
    older = chosen.as_dict()
    del older["match"]
    assert plan_from_dict(older) == replace(chosen, mapping=Mapping(same_names=True))
    assert Mapping(match=ERC).match == ()
    with pytest.raises(InvalidPlan, match="match of a mapping is 7"):
        mapping_from_dict({"match": 7})
    with pytest.raises(InvalidPlan, match="empty name"):
        Mapping(match=["email", " "])
