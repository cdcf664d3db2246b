"""Imports, packages and migrations whose records come before what they name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from operator import itemgetter, length_hint
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import NotSupported
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.entity_type import (
    LIST_TYPE_DEFINITION,
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    EntityType,
)
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import (
    ImportPlan,
    MigrationPlan,
    Selection,
    plan_from_dict,
)
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Installation, Query
from dmc_widgets.tasks.imports.offered_strategies import require_strategies
from dmc_widgets.tasks.installation_access import open_connection
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.recovery import recover_task
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import CONTINUE, field, read, type_named, write
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.factories import definition, write_json
from tests.kills.test_recovery import start_killed
from tests.sandbox.conftest import SETTINGS, run_sandbox

ERC = "externalReferenceCode"
Item = dict[str, Any]

LAZY = Policy(error_strategy=ErrorStrategy.CONTINUE, lazy_references=True)


def relationship(name: str, parent: str, child: str) -> Item:
    return {
        "name": name,
        "label": {"en_US": name},
        "type": "oneToMany",
        "deletionType": "cascade",
        "objectDefinitionExternalReferenceCode1": parent,
        "objectDefinitionExternalReferenceCode2": child,
    }


TITLE = field("title", "Text", required=True)
MILL = definition(
    "Mill",
    TITLE,
    objectRelationships=[
        relationship("grinds", "MILL", "FARM"),
        relationship("above", "MILL", "MILL"),
    ],
)
FARM = definition(
    "Farm", TITLE, objectRelationships=[relationship("feeds", "FARM", "MILL")]
)

MILLS = [
    {ERC: "M-1", "title": "one", "r_above_c_millERC": "M-2", "r_feeds_c_farmERC": "F"},
    {ERC: "M-2", "title": "two", "r_above_c_millERC": "M-2", "r_feeds_c_farmERC": "F"},
    {ERC: "M-3", "title": "three", "r_feeds_c_farmERC": "G"},
]
FARMS = [{ERC: "F", "title": "farm", "r_grinds_c_millERC": "M-1"}]


@dataclass(frozen=True)
class Places:
    """Two installations, source and target, with the objects Mill and Farm."""

    workspace: Workspace

    @property
    def center(self) -> Center:
        return Center(self.workspace)

    def plan(self, entity: str, policy: Policy = LAZY) -> ImportPlan:
        key = self.center.installations.entity_type("target", entity).key
        return ImportPlan(entity_type=key, policy=policy, name="test")

    def run(
        self,
        plan: ImportPlan | MigrationPlan,
        file: Path | None = None,
        target: str = "target",
    ) -> Task:
        task = self.workspace.tasks.add(target, plan, file.name if file else "")
        if file is not None:
            original = original_path(self.workspace, task)
            copy_into_workspace(file, original, consume=False)
        run_task(self.workspace, task.id)
        return self.workspace.tasks.get(task.id)

    def run_import(self, entity: str, *records: Item, policy: Policy = LAZY) -> Task:
        file = write_json(self.workspace.path / f"{entity}.json", records)
        return self.run(self.plan(entity, policy), file)

    def open(self, name: str) -> Installation:
        return open_connection(self.workspace.connections.get(name))

    def open_codes(self, entity: str) -> list[str]:
        """Return the codes of the target's placeholders."""
        with closing(self.open("target")) as target:
            query = Query(fields=(ERC,), filter="status eq 9")
            items = list(target.read(type_named(target, f"C_{entity}"), query))
        return [item[ERC] for item in items]

    def stored(self, name: str, entity: str) -> list[Item]:
        names = (
            "title",
            "r_above_c_millERC",
            "r_feeds_c_farmERC",
            "r_grinds_c_millERC",
        )
        with closing(self.open(name)) as opened:
            return sorted(
                (
                    {key: item[key] for key in (ERC, *names) if item.get(key)}
                    for item in read(opened, f"C_{entity}")
                ),
                key=itemgetter(ERC),
            )


def make_installation(workspace: Workspace, name: str, *definitions: Item) -> Path:
    path = workspace.path.parent / f"{name}.db"
    url = f"sqlite:///{path}"
    with closing(connect(url)) as installation:
        write(installation, "ObjectDefinition", *definitions)
    workspace.connections.put(name, url)
    return path


@pytest.fixture
def places(workspace: Workspace) -> Places:
    for name in ("source", "target"):
        make_installation(workspace, name, MILL, FARM)
    return Places(workspace)


@pytest.fixture(params=["embedded", "sandbox"])
def anywhere(
    places: Places, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Places]:
    """The same, where the target is embedded, and where it is a sandbox over HTTP."""
    if request.param == "embedded":
        yield places
        return
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    with run_sandbox(places.workspace.path.parent / "target.db") as sandbox:
        access = Access(user=SETTINGS.user)
        places.workspace.connections.put("target", sandbox.url, access)
        yield places


def test_an_import_names_what_has_not_come_yet(anywhere: Places) -> None:
    """A record of the same file fills what an earlier one named."""
    task = anywhere.run_import("Mill", *MILLS)

    assert task.counts == Counts(created=3)
    assert task.notes == (
        "2 entries that others name have not come yet: C_Farm F, G. Empty ones stand "
        "in their place, and are filled when their records come.",
    )
    assert anywhere.stored("target", "Mill") == MILLS


def test_a_later_import_fills_what_an_earlier_one_named(anywhere: Places) -> None:
    anywhere.run_import("Mill", *MILLS)

    task = anywhere.run_import("Farm", *FARMS, policy=Policy())
    again = anywhere.run_import("Mill", *MILLS)

    assert task.counts == Counts(created=1)
    assert task.notes == ()
    assert anywhere.stored("target", "Farm") == FARMS
    assert again.counts == Counts(unchanged=3)
    assert again.notes == (
        "1 entry that others name has not come yet: C_Farm G. An empty one stands in "
        "its place, and is filled when its record comes.",
    )


def test_a_preview_expects_what_the_import_does(anywhere: Places) -> None:
    file = write_json(anywhere.workspace.path / "mills.json", MILLS)

    lazy = anywhere.center.files.preview_records("target", anywhere.plan("Mill"), file)
    strict = anywhere.center.files.preview_records(
        "target", anywhere.plan("Mill", CONTINUE), file
    )

    assert lazy.counts == {OutcomeKind.CREATED: 3}
    assert strict.counts == {OutcomeKind.FAILED: 3}
    assert anywhere.open_codes("Farm") == []


def test_a_placeholder_can_be_named_without_the_choice(anywhere: Places) -> None:
    """It is there for links, as in Liferay, in the preview as in the import."""
    anywhere.run_import("Mill", MILLS[2])
    record = {ERC: "M-9", "title": "nine", "r_feeds_c_farmERC": "G"}
    file = write_json(anywhere.workspace.path / "nine.json", [record])

    plan = anywhere.plan("Mill", CONTINUE)
    expected = anywhere.center.files.preview_records("target", plan, file)
    task = anywhere.run(plan, file)

    assert expected.counts == {OutcomeKind.CREATED: 1}
    assert task.counts == Counts(created=1)


def test_a_package_in_the_wrong_order_is_filled(places: Places) -> None:
    """A picklist may come after the definition that names it, too."""
    oven = definition(
        "Oven",
        field("heat", "Picklist", listTypeDefinitionExternalReferenceCode="HEATS"),
        objectRelationships=[relationship("bakes", "OVEN", "LOAF")],
    )
    heats = {
        ERC: "HEATS",
        "name": "Heats",
        "listTypeEntries": [{"key": "low", "name": "Low"}],
    }
    loaf = {ERC: "L", "title": "rye", "r_bakes_c_ovenERC": "O"}
    files: dict[str, tuple[str, list[Item]]] = {
        "1-definitions": (OBJECT_DEFINITION, [oven, definition("Loaf", TITLE)]),
        "2-loaves": ("C_Loaf", [loaf]),
        "3-ovens": ("C_Oven", [{ERC: "O", "heat": "low"}]),
        "4-heats": (LIST_TYPE_DEFINITION, [heats]),
    }
    folder = places.workspace.path / "package"
    folder.mkdir()
    for name, (kind, items) in files.items():
        entries = kind.startswith("C_")
        stated = {"className": OBJECT_ENTRY if entries else kind, "version": "v1.0"}
        if entries:
            stated["taskItemDelegateName"] = kind
        body = {"configuration": stated, "items": items}
        write_json(folder / f"{name}.batch-engine-data.json", body)

    steps = list(
        places.center.tasks.import_package("target", folder, lazy_references=True)
    )

    tasks = [step.task for step in steps]
    assert [task and task.counts.created for task in tasks] == [2, 1, 1, 1]
    assert tasks[1] is not None
    assert tasks[1].notes == (
        "1 entry that others name has not come yet: C_Oven O. An empty one stands in "
        "its place, and is filled when its record comes.",
    )
    assert places.open_codes("Oven") == []


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry-run", "run"])
def test_circles_migrate_in_one_pass(anywhere: Places, *, dry_run: bool) -> None:
    """Without the choice they take two; a parent that does not move stays open."""
    with closing(anywhere.open("source")) as source:
        write(source, "C_Farm", {ERC: "G", "title": "left"}, *FARMS, policy=LAZY)
        write(source, "C_Mill", *MILLS, policy=LAZY)
    plan = MigrationPlan(
        source="source",
        selection=Selection(
            entity_types=("Mill", "Farm"), filters={"Farm": "title ne 'left'"}
        ),
        policy=replace(LAZY, import_strategy=ImportStrategy.INSERT),
        dry_run=dry_run,
        name="test",
    )

    task = anywhere.run(plan)

    assert task.counts == Counts(created=4)
    assert [part.links for part in task.parts] == [False, False]
    if dry_run:
        assert anywhere.open_codes("Farm") == []
        assert anywhere.stored("target", "Mill") == []
        return
    assert anywhere.open_codes("Farm") == ["G"]
    assert anywhere.stored("target", "Mill") == anywhere.stored("source", "Mill")
    assert anywhere.stored("target", "Farm") == FARMS


@pytest.mark.parametrize("dry_run", [True, False], ids=["dry-run", "run"])
def test_definitions_and_circles_migrate_into_an_empty_target(
    places: Places, *, dry_run: bool
) -> None:
    make_installation(places.workspace, "empty")
    with closing(places.open("source")) as source:
        write(source, "C_Mill", *MILLS, policy=LAZY)
    plan = MigrationPlan(
        source="source", policy=LAZY, dry_run=dry_run, name="into an empty one"
    )

    task = places.run(plan, target="empty")

    assert task.counts == Counts(created=5)
    assert task.status is TaskStatus.COMPLETED


def test_exports_and_counts_leave_placeholders_out(places: Places) -> None:
    places.run_import("Mill", *MILLS)

    with closing(places.open("target")) as target:
        farms = type_named(target, "C_Farm")
        everything = target.read(farms, Query())
        assert length_hint(everything) == 0
        assert list(everything) == []
        assert list(target.read(farms, Query(filter="status ne 2"))) == []
        assert list(target.read(farms, Query(search="F"))) == []


def test_a_stored_template_without_the_choice_still_loads() -> None:
    data = ImportPlan(entity_type="C_Mill").as_dict()
    del data["lazyReferences"]

    plan = plan_from_dict(data)

    assert isinstance(plan, ImportPlan)
    assert plan.policy == Policy()


def test_an_installation_without_them_refuses_the_choice_at_once() -> None:
    mill = EntityType(name="C_Mill", label="Mill", class_name=OBJECT_ENTRY)

    with pytest.raises(NotSupported) as refused:
        require_strategies(ImportPlan(entity_type="C_Mill", policy=LAZY), mill)

    assert str(refused.value) == (
        "C_Mill cannot be imported with lazy references: the installation takes no "
        "entries that name missing ones. Leave that choice out, and import parents "
        "before their children."
    )


def test_an_import_that_was_killed_goes_on_where_it_was(places: Places) -> None:
    """A batch is stored with its placeholders or not at all; none is doubled."""
    number = 2_500
    circle = [
        {ERC: f"M-{n}", "title": "m", "r_above_c_millERC": f"M-{n % number + 1}"}
        for n in range(1, number + 1)
    ]
    file = write_json(places.workspace.path / "circle.json", circle)
    task = start_killed(
        places.workspace, places.plan("Mill"), file, ("after-write", 2, 0)
    )

    recovered = recover_task(places.workspace, task)
    opened = places.open_codes("Mill")
    again = places.run_import("Mill", *circle)

    assert recovered.counts == Counts(created=2_000, skipped=500)
    assert opened == ["M-2001"]
    assert again.counts == Counts(created=500, unchanged=2_000)
    assert again.notes == ()
    assert places.open_codes("Mill") == []
    assert len(places.stored("target", "Mill")) == number
