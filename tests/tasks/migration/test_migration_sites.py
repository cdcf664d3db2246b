"""Entries of sites, from one Liferay server into another, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import ConnectOptions, connect
from dmc_widgets.installations.liferay import metadata
from dmc_widgets.model.access import Access
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import MigrationPlan, PackagePlan, Selection
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, OutcomeRecall, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, SandboxServer, run_sandbox
from tests.tasks.migration.test_migration_task import definition, link

ERC = "externalReferenceCode"
SITE = "scopeKey"
REGION, PARENT = "r_region_c_regionERC", "r_inside_c_shopERC"

REGIONS = [
    {ERC: "R1", SITE: "Guest", "title": "South"},
    {ERC: "R1", SITE: "north", "title": "North"},
    {ERC: "R2", SITE: "north", "title": "Far North"},
]
SHOPS = [
    {ERC: "S1", SITE: "Guest", "title": "First", REGION: "R1", PARENT: ""},
    {ERC: "S2", SITE: "Guest", "title": "Second", REGION: "", PARENT: "S1"},
    {ERC: "S1", SITE: "north", "title": "Third", REGION: "R1", PARENT: ""},
]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[SandboxServer, SandboxServer]]:
    """A full server and an empty one; shops belong to sites and lie in shops."""
    with (
        run_sandbox(tmp_path / "source.db") as source,
        run_sandbox(tmp_path / "target.db") as target,
    ):
        region = definition("Region", link("region", "REGION", "SHOP"), scope="site")
        shop = definition("Shop", link("inside", "SHOP", "SHOP"), scope="site")
        write(source, "ObjectDefinition", [region, shop])
        write(source, "C_Region", REGIONS)
        write(source, "C_Shop", SHOPS)
        yield source, target


def write(server: SandboxServer, name: str, items: list[dict[str, Any]]) -> None:
    installation = server.context.store.installation
    entity_type = find_entity_type(installation.entity_types(), name)
    batch = Batch(task=name, number=1, items=items, policy=Policy())
    outcomes = installation.write(entity_type, batch)
    assert [outcome.problem for outcome in outcomes] == [None] * len(items)


def read(
    server: SandboxServer, name: str, like: dict[str, Any]
) -> list[dict[str, Any]]:
    caller = ConnectOptions(
        access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
    )
    installation = connect(server.url, caller)
    entity_type = find_entity_type(installation.entity_types(), name)
    found = list(installation.read(entity_type, Query(fields=tuple(like))))
    installation.close()
    return found


@pytest.mark.parametrize("with_needed", [False, True])
def test_entries_of_every_site_move(
    servers: tuple[SandboxServer, SandboxServer],
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    *,
    with_needed: bool,
) -> None:
    """Each into the site of the same key, below the parent that is there."""
    monkeypatch.setenv("DMC_PASSWORD", SETTINGS.password)
    center = Center(workspace)
    for name, server in zip(("source", "target"), servers, strict=True):
        center.installations.add(name, server.url, Access(user=SETTINGS.user))
    names = ("C_Shop",) if with_needed else ()
    plan = MigrationPlan(
        source="source",
        selection=Selection(entity_types=names, with_needed=with_needed),
    )
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)

    done = center.tasks.get(task.id)
    assert (done.status, done.error) == (TaskStatus.COMPLETED, "")
    assert [(part.title, part.counts.total) for part in done.parts][-3:] == (
        [("C_Region (needed)", 2), ("C_Shop", 3), ("C_Shop (relationships)", 1)]
        if with_needed
        else [("C_Region", 3), ("C_Shop", 3), ("C_Shop (relationships)", 1)]
    )
    assert read(servers[1], "C_Shop", SHOPS[0]) == SHOPS
    regions = REGIONS[:2] if with_needed else REGIONS
    assert read(servers[1], "C_Region", REGIONS[0]) == regions


@pytest.fixture
def hushed(
    servers: tuple[SandboxServer, SandboxServer],
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
) -> Center:
    """A center over two servers that do not tell which sites they have."""
    monkeypatch.setenv("DMC_PASSWORD", SETTINGS.password)
    monkeypatch.setattr(metadata, "_SITES_PATH", "/o/batch-planner/v0/{}")
    center = Center(workspace)
    for name, server in zip(("source", "target"), servers, strict=True):
        center.installations.add(name, server.url, Access(user=SETTINGS.user))
    return center


def migrate(workspace: Workspace, **chosen: Any) -> Task:
    plan = MigrationPlan(source="source", selection=Selection(**chosen))
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


@pytest.mark.usefixtures("hushed")
def test_unlisted_sites_have_to_be_named(workspace: Workspace) -> None:
    """A part of the entries would be worse than none."""
    task = migrate(workspace, entity_types=("C_Shop",), with_needed=True)

    assert task.status is TaskStatus.FAILED
    assert task.error.endswith(
        "C_Shop has entries in sites, and the server does not list its sites. Name "
        "them: --site of dmc migrate and dmc export-package, or the scope of a plan."
    )


@pytest.mark.usefixtures("hushed")
@pytest.mark.parametrize(
    ("named", "shops", "regions"),
    [
        (("north",), SHOPS[2:], REGIONS[1:2]),
        (("Guest", "north", "Guest"), SHOPS, REGIONS[:2]),
    ],
    ids=["one", "both"],
)
def test_entries_of_the_named_sites_move(
    servers: tuple[SandboxServer, SandboxServer],
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    *,
    named: tuple[str, ...],
    shops: list[dict[str, Any]],
    regions: list[dict[str, Any]],
) -> None:
    """With the parents that they need, and nothing of other sites."""
    task = migrate(workspace, entity_types=("C_Shop",), with_needed=True, sites=named)

    assert (task.status, task.error) == (TaskStatus.COMPLETED, "")
    monkeypatch.undo()
    assert read(servers[1], "C_Shop", SHOPS[0]) == shops
    assert read(servers[1], "C_Region", REGIONS[0]) == regions


@pytest.mark.parametrize("kind", [MigrationPlan, PackagePlan])
def test_named_site_without_entries_is_noted(
    workspace: Workspace, tmp_path: Path, kind: type[MigrationPlan | PackagePlan]
) -> None:
    """A slip in its key would go unnoticed else: databases take any site."""
    for name in ("source", "target"):
        workspace.connections.put(name, f"sqlite:///{tmp_path / name}.db")
    source = connect(workspace.connections.get("source").url)
    region = definition("Region", scope="site")
    for name, items in (("ObjectDefinition", [region]), ("C_Region", REGIONS)):
        entity_type = find_entity_type(source.entity_types(), name)
        batch = Batch(task=name, number=1, items=items, policy=Policy())
        source.write(entity_type, batch)
    source.close()
    chosen = Selection(
        entity_types=("C_Region",), with_needed=True, sites=("nroth", "Guest")
    )
    if kind is MigrationPlan:
        task = workspace.tasks.add(
            "target", MigrationPlan(source="source", selection=chosen)
        )
    else:
        task = workspace.tasks.add("source", PackagePlan(selection=chosen))
    run_task(workspace, task.id)

    done = workspace.tasks.get(task.id)
    assert (done.status, done.parts[-1].counts.total) == (TaskStatus.COMPLETED, 1)
    told = "Nothing that was chosen is of the site nroth. Check its key."
    assert [note for note in done.notes if "the site" in note] == [told]


def test_no_note_on_sites_without_site_scoped_objects(
    workspace: Workspace, tmp_path: Path
) -> None:
    for name in ("source", "target"):
        workspace.connections.put(name, f"sqlite:///{tmp_path / name}.db")
    task = migrate(workspace, entity_types=("ObjectDefinition",), sites=("nroth",))

    assert (task.status, task.notes) == (TaskStatus.COMPLETED, ())


@pytest.mark.parametrize("error_strategy", list(ErrorStrategy))
@pytest.mark.parametrize("order", [("Guest", "nroth", "north"), ("nroth", "Guest")])
def test_only_records_of_a_missing_site_fail(
    servers: tuple[SandboxServer, SandboxServer],
    order: tuple[str, ...],
    error_strategy: ErrorStrategy,
) -> None:
    """With the words of the preview; who asks later what became of them hears it."""
    caller = ConnectOptions(
        access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
    )
    items = [{ERC: f"T{site}", SITE: site, "title": site} for site in order]
    with closing(connect(servers[0].url, caller)) as server:
        shop = find_entity_type(server.entity_types(), "C_Shop")
        policy = Policy(error_strategy=error_strategy)
        batch = Batch(task="slip", number=1, items=items, policy=policy)

        outcomes = server.write(shop, batch)
        assert isinstance(server, OutcomeRecall)
        recalled = server.recall(shop, batch)

    slip = order.index("nroth")
    goes_on = error_strategy is ErrorStrategy.CONTINUE
    rest = OutcomeKind.CREATED if goes_on else OutcomeKind.SKIPPED
    assert [outcome.kind for outcome in outcomes] == [
        OutcomeKind.FAILED
        if place == slip
        else OutcomeKind.CREATED
        if place < slip
        else rest
        for place in range(len(order))
    ]
    problem = outcomes[slip].problem
    assert problem is not None
    assert problem.code == "no-such-site"
    assert problem.message.startswith('There is no site "nroth". Known: Global, Guest')
    assert recalled == outcomes
