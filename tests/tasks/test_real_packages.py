"""Packages that people made for Liferay, brought into an empty installation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.plan import ExportPlan, ImportPlan
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.objects.parts.part_kinds import PART_KINDS_BY_CLASS
from dmc_widgets.tasks.packages.report import PackageStep
from dmc_widgets.workspace import Workspace

DATA = Path(__file__).parents[3] / "shared" / "data"
FOUND = sorted(path.name for path in DATA.glob("*") if path.is_dir())

pytestmark = [
    pytest.mark.skipif(
        not FOUND, reason="the folder ../shared/data with real packages is not here"
    ),
    pytest.mark.usefixtures("in_this_process"),
]

# Set by every installation for itself.
OWN = {"id", "dateCreated", "dateModified", "creator"}


@pytest.fixture
def center(workspace: Workspace, tmp_path: Path) -> Center:
    opened = Center(workspace)
    for name in ("first", "second"):
        opened.installations.add(name, f"sqlite:///{tmp_path / name}.db")
    return opened


@pytest.fixture(scope="module")
def brought(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Center]]:
    """Return a function from a package to a center whose *first* holds it."""
    with ExitStack() as opened:

        @cache
        def bring(package: str) -> Center:
            folder = tmp_path_factory.mktemp(package)
            workspace = opened.enter_context(closing(Workspace(folder / "workspace")))
            workspace.save_setting("furnished", "yes")
            center = Center(workspace)
            center.installations.add("first", f"sqlite:///{folder / 'first.db'}")
            list(center.tasks.import_package("first", DATA / package))
            return center

        yield bring


def statuses(steps: list[PackageStep]) -> dict[str, str]:
    return {
        step.file[:2]: step.task.status.value if step.task else step.reason
        for step in steps
    }


def everything(center: Center, installation: str) -> dict[str, list[dict[str, Any]]]:
    """All documents and entries, without what is an installation's own.

    Parts of documents are entity types, too; the documents hold them.
    """
    found = {}
    opened = center.installations.connect(installation)
    for entity_type in opened.entity_types():
        if entity_type.class_name in PART_KINDS_BY_CLASS:
            continue
        items = [
            {
                name: value
                for name, value in item.items()
                if name not in OWN and not (name.startswith("r_") and name[-2:] == "Id")
            }
            for item in opened.read(entity_type)
        ]
        found[entity_type.name] = sorted(
            items, key=lambda item: str(item["externalReferenceCode"])
        )
    opened.close()
    return found


def test_every_file_of_pulse_completes(center: Center) -> None:
    steps = list(center.tasks.import_package("first", DATA / "pulse"))

    assert statuses(steps) == dict.fromkeys(
        ["01", "02", "03", "04", "05", "06", "07", "08"], "Completed"
    )
    assert {
        name: len(items) for name, items in everything(center, "first").items()
    } == {
        "C_Acquisition": 1,
        "C_Campaign": 2,
        "C_CampaignInteraction": 2,
        "C_UrlToken": 2,
        "ListTypeDefinition": 1,
        "ObjectDefinition": 4,
        "ObjectFolder": 1,
    }


def test_second_run_changes_only_what_the_files_ask_for(
    center: Center,
) -> None:
    """One file states INSERT; one has entries without a key, so they come again."""
    list(center.tasks.import_package("first", DATA / "pulse"))
    before = everything(center, "first")
    steps = list(center.tasks.import_package("first", DATA / "pulse"))
    after = everything(center, "first")

    assert statuses(steps) == {
        "01": "Failed",
        **dict.fromkeys(["02", "03", "04", "05", "06", "07", "08"], "Completed"),
    }
    tasks = [step.task for step in steps if step.task]
    assert tasks[0].error == "Record 1: Duplicate name pulse. Nothing was imported."
    same_file, generated = tasks[5].notes
    assert same_file.startswith("This file (the same content, by SHA-256) was imported")
    assert generated == (
        "2 records had no external reference code and got a new one, so importing "
        "the same file again adds such records again."
    )
    created = {step.file[:2]: step.task.counts.created for step in steps if step.task}
    assert {file for file, number in created.items() if number} == {"06"}
    assert len(after.pop("C_CampaignInteraction")) == 4
    assert len(before.pop("C_CampaignInteraction")) == 2
    assert after == before


def test_unsupported_classes_are_named_and_left_out(center: Center) -> None:
    steps = list(center.tasks.import_package("first", DATA / "onboarding"))
    moved = "Object definitions, picklists, their parts, folders and entries are."

    assert statuses(steps) == {
        "01": "Completed",
        "02": "Completed",
        "03": "Completed",
        "04": "Items of the class com.liferay.headless.admin.user.dto.v1_0.Role "
        f"are not moved. {moved}",
        "05": "Items of the class com.liferay.notification.rest.dto.v1_0."
        f"NotificationTemplate are not moved. {moved}",
    }
    assert not any(step.failed for step in steps)
    assert [(step.file[:2], step.items) for step in steps if step.left_out] == [
        ("04", 1),
        ("05", 4),
    ]


@pytest.mark.parametrize(
    ("package", "format_"),
    [("onboarding", "JSON"), ("pulse", "JSON"), ("pulse", "JSONL"), ("pulse", "JSONT")],
)
def test_package_round_trip_through_another_installation(
    brought: Callable[[str], Center], tmp_path: Path, package: str, format_: str
) -> None:
    """Folders, picklists, definitions, then entries, parents first."""
    center = brought(package)
    second = f"second for {format_}"
    center.installations.add(second, f"sqlite:///{tmp_path / 'second.db'}")
    kinds = ["ObjectFolder", "ListTypeDefinition", "ObjectDefinition"]
    stored = everything(center, "first")
    entries = sorted(name for name in stored if name[:2] == "C_" and stored[name])
    for name in [*kinds, *entries]:
        plan = ExportPlan(entity_type=name, format=format_)
        exported = center.tasks.wait(
            center.tasks.start_export("first", plan).id, timeout_s=60
        )
        imported = center.tasks.wait(
            center.tasks.start_import(
                second, ImportPlan(entity_type=name), center.tasks.file(exported.id)
            ).id,
            timeout_s=60,
        )
        assert (imported.status, imported.error) == (TaskStatus.COMPLETED, "")

    assert everything(center, second) == stored
