"""From one server into another, over real HTTP: the bicycle workshop moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import MigrationPlan, Selection
from dmc_widgets.model.strategies import ImportStrategy, Policy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.ports import Batch, Installation, Item, Query
from dmc_widgets.tasks import samples as generate_entries
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.samples import write_sample_data
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox

NAMES = ("Customer", "Bicycle", "Repair")


@pytest.fixture
def workshop(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Center]:
    """A center over two servers: *source* holds a small workshop, *target* nothing."""
    for name, number in (("CUSTOMERS", 80), ("BICYCLES", 120), ("REPAIRS", 150)):
        monkeypatch.setattr(generate_entries, name, number)
    monkeypatch.setenv(PASSWORD, SETTINGS.password)
    installation = connect(f"sqlite:///{tmp_path / 'source.db'}")
    write_sample_data(installation)
    installation.close()
    center = Center(workspace)
    with (
        run_sandbox(tmp_path / "source.db") as source,
        run_sandbox(tmp_path / "target.db") as target,
    ):
        access = Access(user=SETTINGS.user)
        center.installations.add("source", source.url, access)
        center.installations.add("target", target.url, access)
        yield center


def migrate(
    workspace: Workspace,
    *names: str,
    source: str = "source",
    dry_run: bool = False,
    with_needed: bool = False,
) -> Task:
    """Migrate in this process."""
    chosen = Selection(entity_types=names, with_needed=with_needed)
    plan = MigrationPlan(source=source, selection=chosen, dry_run=dry_run, name="test")
    task = workspace.tasks.add("target", plan)
    run_task(workspace, task.id)
    return workspace.tasks.get(task.id)


def fates(task: Task) -> list[tuple[str, TaskStatus, Counts]]:
    return [(part.title, part.status, part.counts) for part in task.parts]


def entries(workspace: Workspace, installation: str, name: str) -> list[Item]:
    """Return entries, without what every server sets anew."""
    connection = workspace.connections.get(installation)
    opened = open_connection(connection)
    entity_type = find_entity_type(opened.entity_types(), name)
    names = tuple(field.name for field in entity_type.import_fields)
    names = tuple(name for name in names if not name.endswith("Id"))
    found = list(opened.read(entity_type, Query(fields=names)))
    opened.close()
    return sorted(found, key=lambda each: str(each["externalReferenceCode"]))


def test_run_equals_the_dry_run_between_servers(
    workshop: Center, workspace: Workspace
) -> None:
    """Definitions and entries; a second run finds nothing to do."""
    rehearsed = migrate(workspace, dry_run=True)
    assert len(workshop.installations.compare("source", "target")) > 0
    moved = migrate(workspace)
    again = migrate(workspace)

    assert (moved.status, moved.error) == (TaskStatus.COMPLETED, "")
    assert fates(rehearsed) == fates(moved)
    assert report(workshop, rehearsed) == report(workshop, moved)
    assert list(workshop.installations.compare("source", "target")["path"]) == []
    for name in NAMES:
        assert entries(workspace, "target", name) == entries(workspace, "source", name)
    assert (again.counts.created, again.counts.failed) == (0, 0)
    assert again.counts.unchanged == again.counts.total


def test_dependencies_of_entries_move_between_servers(
    workshop: Center, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of bicycles and customers only those that are named, and who recommended them.

    A task signs in once at each server, its verification included.
    """
    chosen = ("C_Repair",)
    rehearsed = migrate(workspace, *chosen, dry_run=True, with_needed=True)
    opened: list[str] = []
    answer = LiferayInstallation.require_answer

    def note_and_answer(installation: LiferayInstallation) -> None:
        opened.append(installation.client.name)
        answer(installation)

    monkeypatch.setattr(LiferayInstallation, "require_answer", note_and_answer)
    moved = migrate(workspace, *chosen, with_needed=True)
    connections = [workspace.connections.get(x) for x in ("target", "source")]
    assert opened == [connection.url for connection in connections]

    assert (moved.status, moved.error) == (TaskStatus.COMPLETED, "")
    assert fates(rehearsed) == fates(moved)
    assert report(workshop, rehearsed) == report(workshop, moved)
    kept = {name: entries(workspace, "target", name) for name in NAMES}
    assert kept["Repair"] == entries(workspace, "source", "Repair")
    named = {each["r_repairs_c_bicycleERC"] for each in kept["Repair"]}
    assert {each["externalReferenceCode"] for each in kept["Bicycle"]} == named
    assert 0 < len(named) < 120
    owners = {each["r_bicycles_c_customerERC"] for each in kept["Bicycle"]}
    referrals = {each["r_referral_c_customerERC"] for each in kept["Customer"]}
    customers = {each["externalReferenceCode"] for each in kept["Customer"]}
    assert customers == owners | (referrals - {"", None})


def report(center: Center, task: Task) -> bytes:
    return b"".join(center.tasks.report_chunks(task.id))


@pytest.mark.usefixtures("workshop")
def test_dry_run_after_a_migration_is_unchanged(
    workspace: Workspace,
) -> None:
    """What a server adds to fields within relationships is not a difference."""
    migrate(workspace, "ObjectDefinition", with_needed=True)

    again = migrate(workspace, "ObjectDefinition", dry_run=True)

    assert again.counts == Counts(unchanged=3)


KINDS = ("ObjectDefinition", "ListTypeDefinition", "ObjectFolder")


def complete(installation: Installation) -> None:
    """Give the customers an action and a validation rule, as people write them."""
    kind = find_entity_type(installation.entity_types(), "ObjectDefinition")
    item = installation.fetch(kind, ["CUSTOMER"])["CUSTOMER"]
    item["objectActions"] = [
        {
            "active": True,
            "label": {"en_US": "Greet"},
            "name": "greet",
            "objectActionExecutorKey": "groovy",
            "objectActionTriggerKey": "onAfterAdd",
            "parameters": {"script": "1"},
        }
    ]
    item["objectValidationRules"] = [
        {
            "active": True,
            "engine": "ddm",
            "errorLabel": {"en_US": "No"},
            "name": {"en_US": "Never"},
            "script": "1 == 1",
        }
    ]
    policy = Policy(import_strategy=ImportStrategy.UPSERT)
    batch = Batch(task="completed", number=1, items=[item], policy=policy)
    (outcome,) = installation.write(kind, batch)
    assert outcome.kind is OutcomeKind.UPDATED


@pytest.fixture
def database(workspace: Workspace, tmp_path: Path) -> Iterator[Installation]:
    """An embedded database whose definitions have been moved to *target*."""
    url = f"sqlite:///{tmp_path / 'database.db'}"
    installation = connect(url)
    write_sample_data(installation)
    complete(installation)
    workspace.connections.put("database", url)
    migrate(workspace, *KINDS, source="database")
    yield installation
    installation.close()


@pytest.mark.usefixtures("workshop", "database")
@pytest.mark.parametrize("dry_run", [True, False])
def test_definitions_from_a_database_are_unchanged_at_the_server(
    workspace: Workspace, *, dry_run: bool
) -> None:
    """What only servers add to definitions is not a difference, either."""
    again = migrate(workspace, *KINDS, source="database", dry_run=dry_run)

    assert again.counts == Counts(unchanged=again.counts.total)
    assert again.counts.total > 4


@pytest.mark.usefixtures("workshop")
@pytest.mark.parametrize("dry_run", [True, False])
def test_newly_required_field_is_a_change(
    workspace: Workspace, database: Installation, *, dry_run: bool
) -> None:
    kind = find_entity_type(database.entity_types(), "ObjectDefinition")
    item = database.fetch(kind, ["CUSTOMER"])["CUSTOMER"]
    phone = next(field for field in item["objectFields"] if field["name"] == "phone")
    phone["required"] = True
    policy = Policy(import_strategy=ImportStrategy.UPSERT)
    database.write(kind, Batch(task="t", number=1, items=[item], policy=policy))

    again = migrate(workspace, *KINDS, source="database", dry_run=dry_run)

    assert again.counts == Counts(unchanged=again.counts.total - 1, updated=1)
