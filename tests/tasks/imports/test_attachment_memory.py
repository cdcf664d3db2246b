"""Attachments stream: an import and an export of a large file hold little of it."""

from __future__ import annotations

import random
import subprocess
import sys
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from dmc_widgets import ExportPlan, ImportPlan, TaskStatus
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.source import open_source
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_ENTRY
from dmc_widgets.model.record import LargeText, UnreadableRecord
from dmc_widgets.model.task import Task
from dmc_widgets.tasks.task_files import exported_path, original_path
from dmc_widgets.testing.samples import CREATED, LETTER, field, kinds, write
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace

SIZE = 42_000_000  # of the file; its Base64 is a third longer
LIMIT_KB = 28_000
LETTERS = f"{OBJECT_ENTRY}#C_Letter"
_PIECE = 3 * 1024 * 1024

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc"),
]

# The task runs in a process of its own, as its worker does, which tells its peak.
SCRIPT = """
import sys
from dmc_widgets.tasks.worker.__main__ import main
status = main(sys.argv[1:])
with open("/proc/self/status") as lines:
    print(*(line.split()[1] for line in lines if line.startswith("VmHWM")))
sys.exit(status)
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workspace]:
    """Give a workspace whose target takes PDF files of up to 100 MB."""
    url = f"sqlite:///{tmp_path / 'target.db'}"
    settings = {
        "acceptedFileExtensions": "pdf",
        "fileSource": "userComputer",
        "maximumFileSize": 100,
    }
    scan = field("scan", "Attachment", settings=settings)
    installation = connect(url)
    outcomes = write(
        installation, "ObjectDefinition", {**LETTER, "objectFields": [scan]}
    )
    installation.close()
    assert kinds(outcomes) == [CREATED]
    opened = Workspace(tmp_path / "workspace")
    opened.save_setting("furnished", "yes")
    opened.connections.put("target", url)
    yield opened
    opened.close()


def pieces(size: int = SIZE) -> Iterator[bytes]:
    """Yield a file that no packing makes smaller; the same at every call."""
    dice = random.Random(3)
    for start in range(0, size, _PIECE):
        yield dice.randbytes(min(_PIECE, size - start))


def records_file(path: Path, format_: str, size: int) -> Path:
    """Write one record with a file of *size* bytes, in pieces."""
    head = {
        "JSON": b"[",
        "JSONL": b"",
        "JSONT": b'{"configuration":{"className":"X"},"items":[',
    }
    tail = {"JSON": b"]", "JSONL": b"\n", "JSONT": b"]}"}
    with path.open("wb") as stream:
        stream.write(head[format_] + b'{"externalReferenceCode":"L","scan":{')
        stream.write(b'"externalReferenceCode":"F","fileBase64":"')
        for piece in pieces(size):
            stream.write(b64encode(piece))
        stream.write(b'","name":"a.pdf"}}' + tail[format_])
    return path


def carried_out(workspace: Workspace, task: Task) -> tuple[Task, int]:
    """Run a queued task in a worker of its own; return it and the peak in kB."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(workspace.path), str(task.id)],
        capture_output=True,
        text=True,
        check=True,
    )
    ended = workspace.tasks.get(task.id)
    assert ended.status is TaskStatus.COMPLETED, ended.error
    return ended, int(done.stdout)


def imported(workspace: Workspace, path: Path) -> tuple[Task, int]:
    """Import a file; return the task and its worker's peak."""
    task = workspace.tasks.add("target", ImportPlan(entity_type=LETTERS), path.name)
    copy_into_workspace(path, original_path(workspace, task), consume=False)
    return carried_out(workspace, task)


def exported(workspace: Workspace, format_: str) -> tuple[Path, int]:
    """Export all letters; return the file and its worker's peak."""
    plan = ExportPlan(entity_type=LETTERS, format=format_)
    task, peak = carried_out(workspace, workspace.tasks.add("target", plan, ""))
    return exported_path(workspace, task), peak


def digest_of(export: Path) -> str:
    """Return the digest of the file in an export's one record."""
    found = sha256()
    with open_source(export) as source:
        (record,) = source.records()
        assert not isinstance(record, UnreadableRecord)
        text = record["scan"]["fileBase64"]
        assert isinstance(text, LargeText)
        for quads in quads_of(text):
            found.update(a2b_base64(quads))
    return found.hexdigest()


def quads_of(text: LargeText) -> Iterator[bytes]:
    rest = b""
    for piece in text.pieces():
        joined = rest + piece
        whole = len(joined) // 4 * 4
        rest = joined[whole:]
        yield joined[:whole]


@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
def test_large_attachments_are_imported_and_exported_in_bounded_memory(
    place: Workspace, tmp_path: Path, format_: str
) -> None:
    """Its worker's peak stays near that of a worker with a file of three bytes."""
    extension = FORMATS[format_].info.extension
    small = records_file(tmp_path / f"small.{extension}", format_, 3)
    large = records_file(tmp_path / f"large.{extension}", format_, SIZE)

    _, least = imported(place, small)
    _, least_out = exported(place, format_)
    task, peak = imported(place, large)
    export, peak_out = exported(place, format_)
    again, peak_again = imported(place, export)

    digest = sha256()
    for piece in pieces():
        digest.update(piece)
    assert (task.counts.updated, again.counts.unchanged) == (1, 1)
    assert digest_of(export) == digest.hexdigest()
    growth = [peak - least, peak_out - least_out, peak_again - least]
    assert max(growth) < LIMIT_KB, growth
