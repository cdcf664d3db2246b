"""What chosen entries need over many-to-many relationships comes along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.plan import MigrationPlan, PackagePlan, Selection
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Installation, Item, Query
from dmc_widgets.tasks.migration import migration_task
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import field, write
from dmc_widgets.workspace import Workspace
from tests.factories import definition
from tests.sandbox.conftest import SETTINGS, run_sandbox

ERC = "externalReferenceCode"
GROUP = "r_group_c_groupERC"


def link(name: str, one: str, other: str, kind: str = "manyToMany") -> dict[str, Any]:
    return {
        "name": name,
        "label": {"en_US": name},
        "type": kind,
        "deletionType": "disassociate",
        "objectDefinitionExternalReferenceCode1": one,
        "objectDefinitionExternalReferenceCode2": other,
    }


TITLE = field("title", "Text")
DEFINITIONS = [
    definition(
        "Ticket",
        TITLE,
        objectRelationships=[
            link("tags", "TICKET", "TAG"),
            link("similar", "TICKET", "TICKET"),
        ],
    ),
    definition("Tag", TITLE),
    definition(
        "Group", TITLE, objectRelationships=[link("group", "GROUP", "TAG", "oneToMany")]
    ),
    definition(
        "Person", TITLE, objectRelationships=[link("watching", "PERSON", "TICKET")]
    ),
    definition("Stranger", TITLE),
]


def named(code: str, **more: Any) -> dict[str, Any]:
    return {ERC: code, "title": code.lower(), **more}


def refer(*codes: str) -> list[dict[str, str]]:
    return [{ERC: code} for code in codes]


@pytest.fixture
def moving(
    request: pytest.FixtureRequest,
    workspace: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Center]:
    """Five tickets in the source; an empty target that has one of their tags."""
    center = Center(workspace)
    url = f"sqlite:///{tmp_path / 'source.db'}"
    center.installations.add("source", url)
    source = connect(url)
    write(source, "ObjectDefinition", *DEFINITIONS)
    write(source, "C_Group", named("G1"), named("G2"))
    tags = [named("X1", **{GROUP: "G1"}), named("X2"), named("X3", **{GROUP: "G2"})]
    write(source, "C_Tag", *tags)
    write(source, "C_Ticket", *(named(f"T{number}") for number in range(1, 6)))
    write(source, "C_Person", named("P1"), named("P2"))
    write(source, "C_Stranger", named("S1"))
    write(
        source,
        "C_Ticket",
        named("T1", tags=refer("X1", "X2"), similar=refer("T3")),
        named("T3", similar=refer("T4"), watching=refer("P1")),
        named("T5", tags=refer("X3"), watching=refer("P2")),
    )
    source.close()
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    target = f"sqlite:///{tmp_path / 'target.db'}"
    opened = connect(target)
    write(opened, "ObjectDefinition", *DEFINITIONS)
    write(opened, "C_Tag", {ERC: "X2", "title": "of the target"})
    opened.close()
    if getattr(request, "param", "embedded") == "embedded":
        workspace.connections.put("target", target)
        yield center
        return
    with run_sandbox(tmp_path / "target.db") as sandbox:
        center.installations.add("target", sandbox.url, Access(user=SETTINGS.user))
        yield center


def migrate(workspace: Workspace, *entities: str, **more: Any) -> Task:
    plan = MigrationPlan(
        source="source",
        selection=Selection(entity_types=entities, with_needed=True, **more),
        name="test",
    )
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def stored(center: Center, entity: str, *fields: str) -> list[tuple[Any, ...]]:
    with center.installations.connect("target") as opened:
        return sorted(
            tuple(
                [x[ERC] for x in item[name]]
                if isinstance(item[name], list)
                else item[name]
                for name in (ERC, *fields)
            )
            for item in opened.read(entity, fields=[ERC, *fields])
        )


@pytest.mark.parametrize("moving", ["embedded", "server"], indirect=True)
def test_linked_entries_of_chosen_ones_come_along(
    moving: Center, workspace: Workspace
) -> None:
    """From both sides of a relationship, with their parents, and no further ones.

    T1 is chosen: its tags and their groups are needed, and T3, which it links, with
    what T3 links. T2 and T5 are not, nor are the tag and the person of T5.
    """
    task = migrate(workspace, "Ticket", filters={"Ticket": "title eq 't1'"})

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert stored(moving, "Ticket", "tags", "similar", "watching") == [
        ("T1", ["X1", "X2"], ["T3"], []),
        ("T3", [], ["T4"], ["P1"]),
        ("T4", [], [], []),
    ]
    assert stored(moving, "Tag", "title") == [("X1", "x1"), ("X2", "of the target")]
    assert stored(moving, "Group") == [("G1",)]
    assert stored(moving, "Person") == [("P1",)]
    assert stored(moving, "Stranger") == []


def test_needed_entries_do_not_bring_what_is_linked_to_them(
    moving: Center, workspace: Workspace
) -> None:
    """A tag needs no tickets: choosing groups and people leads to no others."""
    task = migrate(workspace, "Tag", filters={"Tag": "title eq 'x1'"})

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    assert stored(moving, "Tag") == [("X1",), ("X2",)]
    assert stored(moving, "Ticket", "tags") == [("T1", ["X1"])]
    assert stored(moving, "Person") == []


def test_a_package_holds_what_is_linked(moving: Center, workspace: Workspace) -> None:
    """The same selection, into files."""
    chosen = Selection(
        entity_types="Ticket", filters={"Ticket": "title eq 't5'"}, with_needed=True
    )
    task = workspace.tasks.add("source", PackagePlan(selection=chosen, name="test"))
    run_task(workspace, task.id)

    parts = moving.tasks.get(task.id).parts
    titles = {part.title: part.counts.total for part in parts}
    needed = {name: titles[f"C_{name} (needed)"] for name in ("Tag", "Person", "Group")}
    assert needed == {"Tag": 1, "Person": 1, "Group": 1}


class ReadsCounted:
    """An installation that counts how often each entry is read, samples apart."""

    def __init__(self, installation: Installation, reads: Counter[str]) -> None:
        self._installation = installation
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._installation, name)

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        for item in self._installation.read(entity_type, query):
            self._reads[item[ERC]] += not query.filter
            yield item

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        items = self._installation.fetch(entity_type, keys, scope)
        self._reads.update(items.keys())
        return items


@pytest.mark.usefixtures("moving")
def test_each_entry_of_the_source_is_read_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For what it names, for its fields, and for its links."""
    reads: Counter[str] = Counter()

    def counted(source: Installation, _selection: Selection) -> ReadsCounted:
        return ReadsCounted(source, reads)

    monkeypatch.setattr(migration_task, "filter_by_sites", counted)

    task = migrate(workspace, "C_Ticket")

    assert task.status is TaskStatus.COMPLETED
    entries = ["T1", "T2", "T3", "T4", "T5", "X1", "X2", "X3", "G1", "G2", "P1", "P2"]
    assert {code: reads[code] for code in entries} == dict.fromkeys(entries, 1)
