"""Batch files as people make them, for the tests of packages."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from dmc_widgets.center import Center
from dmc_widgets.center.tasks import Tasks
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.imports.original_file import copy_original
from dmc_widgets.tasks.packages.report import PackageReport
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.inline_tasks import tasks_in_this_process

SUFFIX: Final = ".batch-engine-data.json"
CLASSES: Final = {
    "ObjectDefinition": "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition",
    "ObjectFolder": "com.liferay.object.admin.rest.dto.v1_0.ObjectFolder",
    "ListTypeDefinition": (
        "com.liferay.headless.admin.list.type.dto.v1_0.ListTypeDefinition"
    ),
    "Role": "com.liferay.headless.admin.user.dto.v1_0.Role",
}


def batch_file(
    kind: str,
    items: Sequence[dict[str, Any]],
    parameters: dict[str, Any] | None = None,
    **more: Any,
) -> bytes:
    """Return a batch file; *kind* is a document's class, or an object's name."""
    configuration: dict[str, Any] = {
        "className": CLASSES.get(kind, "com.liferay.object.rest.dto.v1_0.ObjectEntry"),
        "parameters": {"createStrategy": "UPSERT", **(parameters or {})},
        **more,
    }
    if kind not in CLASSES:
        configuration.setdefault("taskItemDelegateName", f"C_{kind}")
    return json.dumps({"configuration": configuration, "items": [*items]}).encode()


def import_file(center: Center, workspace: Workspace, path: Path) -> Task:
    """Import a file into *target* in this process, with the plan that it states."""
    head = center.files.read_head(path)
    plan = center.files.plan_from_file("target", head)
    check = center.files.check_import("target", plan, head)
    check.require_startable()
    task = workspace.tasks.add("target", plan, path.name, check.warnings)
    target = original_path(workspace, task)
    copy_original(path, target, name=path.name, consume=False)
    run_task(workspace, task.id)
    return center.tasks.get(task.id)


def import_package(
    workspace: Workspace, package: Path, target: str = "target", **choices: Any
) -> PackageReport:
    """Import a package into an installation in this process."""
    with tasks_in_this_process():
        steps = Tasks(workspace).import_package(target, package, **choices)
        return PackageReport(tuple(steps))


def write_package(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files by their paths below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zip_package(folder: Path) -> Path:
    """Pack a folder into a zip beside it."""
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return path
