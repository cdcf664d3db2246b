"""Packages: what is left out, what failed before, and units of other shapes."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center, launching, resuming
from dmc_widgets.errors import FileUnreadable
from dmc_widgets.model.natural_order import natural_sort_key
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.workers import NO_WORKER
from tests.tasks.interrupted_worker import Interruption, Killed
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition, link, read
from tests.tasks.packages.batch_files import (
    SUFFIX,
    batch_file,
    import_package,
    write_package,
    zip_package,
)

ERC = "externalReferenceCode"
NOT_MOVED = (
    "Items of the class {} are not moved. "
    "Object definitions, picklists, their parts, folders and entries are."
)
TILL = definition("Till")


@pytest.fixture
def target(workspace: Workspace, tmp_path: Path) -> Center:
    """A center over an empty *target*."""
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")
    return center


def reasons(package: Any) -> list[tuple[str, str, str]]:
    return [
        (step.file.removesuffix(SUFFIX), step.status, step.reason) for step in package
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_what_does_not_move_is_left_out_and_summed_up(
    target: Center, workspace: Workspace, tmp_path: Path, packed: bool
) -> None:
    """In natural order; the others are imported."""
    assert target.installations.list()
    role = {"name": "Cashier", ERC: "CASHIER"}
    folder = write_package(
        tmp_path / "package",
        {
            f"batch/10-till{SUFFIX}": batch_file("Till", [{ERC: "T1"}, {ERC: "T2"}]),
            f"batch/2-definition{SUFFIX}": batch_file("ObjectDefinition", [TILL]),
            f"batch/1-roles{SUFFIX}": batch_file("Role", [role, role]),
            f"batch/3-empty{SUFFIX}": batch_file("Till", []),
            "client-extension.yaml": b"assemble: []",
        },
    )

    report = import_package(workspace, zip_package(folder) if packed else folder)

    role_class = "com.liferay.headless.admin.user.dto.v1_0.Role"
    assert reasons(report) == [
        ("batch/1-roles", "Left Out", NOT_MOVED.format(role_class)),
        ("batch/2-definition", "Completed", ""),
        (
            "batch/3-empty",
            "Empty",
            "3-empty.batch-engine-data.json holds no record.",
        ),
        ("batch/10-till", "Completed", ""),
    ]
    assert [(step.class_name, step.items) for step in report.left_out] == [
        (role_class, 2)
    ]
    assert (report.is_complete, report.failed) == (False, ())
    assert report.counts.created == 3
    assert report.summary == "4 files: 3 imported, 1 left out (2 items)."
    assert repr(report) == f"PackageReport({report.summary})"
    assert "<td>batch/1-roles.batch-engine-data.json</td>" in report._repr_html_()


def test_what_is_not_there_as_it_was_sent_is_summed_up(
    target: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """A trigger of the database changes what the import has written."""
    folder = write_package(
        tmp_path / "package",
        {
            f"1-definition{SUFFIX}": batch_file("ObjectDefinition", [TILL]),
            f"2-till{SUFFIX}": batch_file("Till", [{ERC: "T1"}, {ERC: "T2"}]),
        },
    )
    assert target.installations.list()
    with closing(sqlite3.connect(tmp_path / "target.db")) as opened:
        opened.execute(
            "CREATE TRIGGER vandal AFTER INSERT ON entry WHEN new.erc = 'T2' BEGIN "
            "DELETE FROM entry WHERE id = new.id; END"
        )

    report = import_package(workspace, folder)

    assert [step.file for step in report.unequal] == [f"2-till{SUFFIX}"]
    assert (report.is_complete, report.failed) == (False, ())
    assert report.summary == "2 files: 2 imported, 1 of them not as expected."


def test_later_files_name_the_definition_that_failed_before(
    target: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """And the property that is missing there."""
    assert target.installations.list()
    broken = {**definition("Lost"), "label": None}
    child = definition("Child", link("losts", "LOST", "CHILD"))
    folder = write_package(
        tmp_path / "package",
        {
            f"02-object-definition{SUFFIX}": batch_file(
                "ObjectDefinition", [broken, definition("Behind")]
            ),
            f"03-lost{SUFFIX}": batch_file("Lost", [{ERC: "L1"}]),
            f"04-behind{SUFFIX}": batch_file("Behind", [{ERC: "B1"}]),
            f"05-other{SUFFIX}": batch_file("Other", [{ERC: "O1"}]),
            f"06-child{SUFFIX}": batch_file("ObjectDefinition", [child]),
        },
    )

    report = import_package(workspace, folder)

    first, lost, behind, other, last = report
    assert first.task is not None
    (failure,) = target.tasks.failures(first.task.id)
    assert (failure.problem.field, failure.problem.message) == (
        "label",
        "Label is null for locale English (United States)",
    )
    assert lost.reason == (
        "C_Lost is not there: 02-object-definition failed "
        "(Label is null for locale English (United States))."
    )
    assert behind.reason == (
        "C_Behind is not there: 02-object-definition failed (it was not tried)."
    )
    assert other.reason.startswith("There is no entity type named 'com.liferay")
    assert (len(report.failed), report.is_complete) == (4, False)
    assert last.status == "Completed"
    assert last.notes == (
        "C_Lost was not imported: 02-object-definition failed "
        "(Label is null for locale English (United States)).",
    )


def test_file_that_was_mended_in_a_later_one_is_not_blamed(
    target: Center, workspace: Workspace, tmp_path: Path
) -> None:
    assert target.installations.list()
    folder = write_package(
        tmp_path / "package",
        {
            f"1{SUFFIX}": batch_file("ObjectDefinition", [{**TILL, "label": None}]),
            f"2{SUFFIX}": batch_file("ObjectDefinition", [TILL]),
            f"3{SUFFIX}": batch_file("Till", [{ERC: "T1"}]),
        },
    )

    report = import_package(workspace, folder)

    assert [step.status for step in report] == ["Failed", "Completed", "Completed"]
    assert [step.notes for step in report] == [(), (), ()]


@pytest.mark.parametrize("packed", [False, True])
def test_empty_package_is_imported(
    target: Center, workspace: Workspace, tmp_path: Path, packed: bool
) -> None:
    """As the export of an empty installation makes one."""
    assert target.installations.list()
    path = tmp_path / "empty"
    if packed:
        with zipfile.ZipFile(path, "w"):
            pass
    else:
        path.mkdir()

    report = import_package(workspace, path)

    assert (len(report), report.is_complete) == (0, True)
    assert report.summary == "The package is empty: there was nothing to import."


def test_folder_of_other_files_is_refused(
    target: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """It is the wrong one, most likely."""
    assert target.installations.list()
    folder = write_package(tmp_path / "other", {"notes.txt": b"x"})

    with pytest.raises(FileUnreadable, match="has a name that ends in batch-engine-da"):
        import_package(workspace, folder)


CLASSIC = {
    "className": "com.liferay.object.rest.dto.v1_0.ObjectEntry",
    "parameters": {"createStrategy": "UPSERT", "onErrorFail": True},
    "taskItemDelegateName": "C_Till",
    "companyId": 0,
    "userId": 0,
    "version": "v1.0",
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tills.json", b'[{"externalReferenceCode":"T1","title":"One"}]'),
        ("tills.jsonl", b'{"externalReferenceCode":"T1","title":"One"}\n'),
        ("tills.csv", b"externalReferenceCode,title\r\nT1,One\r\n"),
    ],
)
def test_classic_unit_is_a_configuration_and_a_data_file(
    workspace: Workspace, tmp_path: Path, name: str, content: bytes, packed: bool
) -> None:
    fill(tmp_path / "target.db", {"ObjectDefinition": [TILL]})
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")
    folder = write_package(
        tmp_path / "package",
        {
            "batch/1/batch-engine.json": json.dumps(CLASSIC).encode(),
            f"batch/1/{name}": content,
        },
    )

    report = import_package(workspace, zip_package(folder) if packed else folder)

    assert reasons(report) == [("batch/1/batch-engine.json", "Completed", "")]
    assert report.counts.successful == 1
    assert read(center, "target", "Till")["T1"]["title"] == "One"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param(
            {},
            "batch-engine.json needs exactly one data file in its folder, which "
            "has none. Put it there.",
            id="no-data",
        ),
        pytest.param(
            {"b.json": b"[]", "a.json": b"[]"},
            "batch-engine.json needs exactly one data file in its folder, and there "
            "are 2: 'a.json', 'b.json'. Leave one of them there.",
            id="two-data-files",
        ),
        pytest.param(
            {"a.json": b"[{]"},
            "a.json: Record 1 is not valid JSON (Expecting property name enclosed in "
            "double quotes), line 1, column 3.",
            id="damaged-data",
        ),
    ],
)
def test_classic_unit_that_is_not_whole_is_named(
    target: Center,
    workspace: Workspace,
    tmp_path: Path,
    files: dict[str, bytes],
    reason: str,
) -> None:
    assert target.installations.list()
    configuration = json.dumps(CLASSIC).encode()
    folder = write_package(
        tmp_path / "package", {"batch-engine.json": configuration, **files}
    )

    report = import_package(workspace, folder)

    assert reasons(report) == [("batch-engine.json", "Failed", reason)]
    assert report.summary == "1 file: 0 imported, 1 failed."


@pytest.mark.parametrize("packed", [False, True])
def test_attachments_of_a_package_are_filled(
    workspace: Workspace, tmp_path: Path, packed: bool
) -> None:
    """Each batch file has its own folder of them; a zip among them is a file."""
    photo = {
        "name": "photo",
        "businessType": "Attachment",
        "label": {"en_US": "Photo"},
        "objectFieldSettings": [
            {"name": "acceptedFileExtensions", "value": "png, zip"},
            {"name": "maximumFileSize", "value": 10},
            {"name": "fileSource", "value": "userComputer"},
        ],
    }
    fill(
        tmp_path / "target.db",
        {"ObjectDefinition": [definition("Album", fields=[photo])]},
    )
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")

    def album(code: str, name: str) -> bytes:
        token = "@batch_object_entry_file_base64@"
        item = {ERC: code, "photo": {"fileBase64": token, "name": name}}
        return batch_file("Album", [item])

    folder = write_package(
        tmp_path / "package",
        {
            f"a/1{SUFFIX}": album("A1", "x.png"),
            "a/attachments/A1/x.png": b"in a",
            f"b/1{SUFFIX}": album("B1", "x.zip"),
            "b/attachments/B1/x.zip": b"PK, in b",
        },
    )

    report = import_package(workspace, zip_package(folder) if packed else folder)

    assert report.counts.created == 2, list(report)
    sizes = {
        code: entry["photo"]["size"]
        for code, entry in read(center, "target", "Album").items()
    }
    assert sizes == {"A1": 4, "B1": 8}


def test_site_of_a_package_is_that_of_its_entries(
    workspace: Workspace, tmp_path: Path
) -> None:
    """Of those that have sites; a note says so where a file names another."""
    kinds = [definition("Shop", scope="site"), TILL]
    fill(tmp_path / "target.db", {"ObjectDefinition": kinds})
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")
    folder = write_package(
        tmp_path / "package",
        {
            f"1{SUFFIX}": batch_file("Shop", [{ERC: "S1"}], {"siteId": 20121}),
            f"2{SUFFIX}": batch_file("Till", [{ERC: "T1"}]),
        },
    )

    first, second = import_package(workspace, folder, site="Guest")

    assert first.task is not None
    assert first.task.notes == (
        "The file names the site '20121'; the import brings its records into 'Guest'.",
    )
    assert second.status == "Completed"
    assert read(center, "target", "Shop")["S1"]["scopeKey"] == "Guest"


def test_order_of_files_is_that_of_liferay() -> None:
    """Whole paths, numbers by value, case aside; a digit comes after a slash."""
    names = ["b/1", "B/02", "a-1/x", "a/x", "a10", "a9", "a/10", "a/9"]

    assert sorted(names, key=natural_sort_key) == [
        *("a-1/x", "a/9", "a/10", "a/x", "a9", "a10", "b/1", "B/02"),
    ]


def test_interrupted_package_goes_on_with_the_file_where_it_stopped(
    workspace: Workspace,
    target: Center,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Entries without codes would be there twice if their file began again."""
    package = write_package(
        tmp_path / "batch",
        {
            f"01{SUFFIX}": batch_file("ObjectDefinition", [TILL]),
            f"02{SUFFIX}": batch_file(
                "Till", [{"title": f"T{n}"} for n in range(1500)]
            ),
            f"03{SUFFIX}": batch_file("Till", [{"title": "last"}]),
        },
    )
    monkeypatch.setattr(
        resuming, "launch_worker", lambda _, task: run_task(workspace, task.id)
    )
    Interruption(workspace, monkeypatch).arrange(2)
    # The end of a worker is not an error of the process that has started it.
    monkeypatch.setattr(launching, "discard_queued", lambda *_: None)
    with pytest.raises(Killed):
        import_package(workspace, package)
    workspace.tasks.assign(2, NO_WORKER)

    steps = import_package(workspace, package, resume=True).steps

    assert [(x.status, x.task and x.task.id, x.notes) for x in steps] == [
        (
            "Completed",
            1,
            ("This file was imported before, by task 1, and stays as it is.",),
        ),
        ("Completed", 2, ()),
        ("Completed", 3, ()),
    ]
    assert len(read(target, "target", "Till")) == 1_501
