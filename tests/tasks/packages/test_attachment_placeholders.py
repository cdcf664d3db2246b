"""Attachments of workspaces, which stand beside the batch file."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.workspace import Workspace
from tests.tasks.migration.test_migration_name_matches import fill
from tests.tasks.migration.test_migration_task import definition, read
from tests.tasks.packages.batch_files import batch_file, import_file

ERC = "externalReferenceCode"
TOKEN = "@batch_object_entry_file_base64@"
PHOTO = {
    "name": "photo",
    "businessType": "Attachment",
    "label": {"en_US": "Photo"},
    "objectFieldSettings": [
        {"name": "acceptedFileExtensions", "value": "png, txt"},
        {"name": "maximumFileSize", "value": 100},
        {"name": "fileSource", "value": "userComputer"},
    ],
}


def album(code: Any, name: Any = "a.png", content: str = TOKEN) -> dict[str, Any]:
    return {
        ERC: code,
        "title": "Album",
        "photo": {"fileBase64": content, "name": name},
    }


@pytest.fixture
def albums(workspace: Workspace, tmp_path: Path) -> Center:
    kinds = [definition("Album", fields=[PHOTO])]
    fill(tmp_path / "target.db", {"ObjectDefinition": kinds})
    center = Center(workspace)
    center.installations.add("target", f"sqlite:///{tmp_path / 'target.db'}")
    return center


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_files_beside_the_batch_file_fill_placeholders(
    albums: Center, workspace: Workspace, tmp_path: Path
) -> None:
    """A small one, one of more than a mebibyte, and content that is there already."""
    batch = tmp_path / "batch"
    large = os.urandom(1_500_001)
    write(batch / "attachments/A1/a.png", b"small")
    write(batch / "attachments/7/big.png", large)
    path = batch / "1.batch-engine-data.json"
    items = [album("A1"), album(7, "big.png"), album("A3", content="c21hbGw=")]
    write(path, batch_file("Album", items))
    preview = albums.files.preview_records(
        "target",
        albums.files.plan_from_file("target", albums.files.read_head(path)),
        path,
    )

    task = import_file(albums, workspace, path)

    assert preview.counts == {OutcomeKind.CREATED: 3}
    assert (task.status, task.notes) == (TaskStatus.COMPLETED, ())
    photos = {
        code: entry["photo"] for code, entry in read(albums, "target", "Album").items()
    }
    assert {code: photo["size"] for code, photo in photos.items()} == {
        "A1": 5,
        "7": 1_500_001,
        "A3": 5,
    }
    assert photos["7"]["fileBase64"].whole() == b64encode(large).decode()
    assert TOKEN.encode() not in albums.tasks.file(task.id).read_bytes()


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        pytest.param(
            album("A2"),
            "The file 'attachments/A2/a.png' is missing beside the batch file.",
            id="missing",
        ),
        pytest.param(
            album("A1", "."),
            "The file 'attachments/A1/.' is missing beside the batch file.",
            id="a-folder",
        ),
        pytest.param(
            album("..", "../secret.txt"),
            "'attachments/../../secret.txt' leaves the folder of attachments.",
            id="up",
        ),
        pytest.param(
            album("A1", "..\\..\\secret.txt"),
            "'attachments/A1/..\\\\..\\\\secret.txt' leaves the folder of attachments.",
            id="up-as-in-windows",
        ),
        pytest.param(
            album("A1", "/etc/hostname.txt"),
            "'attachments/A1//etc/hostname.txt' leaves the folder of attachments.",
            id="absolute",
        ),
        pytest.param(
            album("A1", "link.txt"),
            "'attachments/A1/link.txt' leaves the folder of attachments.",
            id="link",
        ),
        pytest.param(
            {"title": "x", "photo": {"fileBase64": TOKEN, "name": "a.png"}},
            "The entry has no external reference code.",
            id="no-code",
        ),
        pytest.param(album("A1", None), "The file has no name.", id="no-name"),
    ],
)
def test_placeholder_without_its_file_fails_the_record_and_says_why(
    albums: Center,
    workspace: Workspace,
    tmp_path: Path,
    item: dict[str, Any],
    reason: str,
) -> None:
    """Nothing outside the folder is read, whatever code and name are."""
    batch = tmp_path / "batch"
    write(tmp_path / "secret.txt", b"secret")
    write(batch / "attachments/A1/a.png", b"small")
    (batch / "attachments/A1/link.txt").symlink_to(tmp_path / "secret.txt")
    path = batch / "1.batch-engine-data.json"
    write(
        path,
        batch_file("Album", [item, album("A1")], {"onErrorFail": "ON_ERROR_CONTINUE"}),
    )

    task = import_file(albums, workspace, path)

    (failure,) = albums.tasks.failures(task.id)
    assert (failure.index, failure.problem.field) == (1, "photo")
    assert failure.problem.message == (
        f"{reason} It was to replace {TOKEN}. Unable to decode Base64 file"
    )
    assert task.counts.created == 1


def test_batch_file_without_its_folder_says_where_the_file_has_to_be(
    albums: Center, workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "1.batch-engine-data.json"
    write(path, batch_file("Album", [album("A1")]))

    task = import_file(albums, workspace, path)

    (failure,) = albums.tasks.failures(task.id)
    assert failure.problem.message == (
        f"The placeholder {TOKEN} stands for a file in the folder attachments beside "
        "the batch file. Import the batch file from its folder, or as a package. "
        "Unable to decode Base64 file"
    )
