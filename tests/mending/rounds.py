"""One round of repair, from the import to what the target holds afterwards."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.task import Counts, TaskStatus
from dmc_widgets.ports import Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.workspace import Workspace
from tests.mending import pictures
from tests.mending.pictures import ERC
from tests.mending.spreadsheets import Table, read_table
from tests.sandbox.conftest import SETTINGS, run_sandbox

KEY: Final = urlsafe_b64encode(b"k" * 32).decode()
FILES: Final = {"CSV": pictures.csv_file, "JSONL": pictures.jsonl_file}

Items = dict[str, dict[str, Any]]
Rewrite = Callable[[Table], bytes]


@contextmanager
def open_center(folder: Path, *, served: bool = False) -> Iterator[Center]:
    """Open a workspace with the installation *target*, in the file ``target.db``.

    Args:
        folder: An empty folder.
        served: The installation is a server over that file.
    """
    os.environ["DMC_ENCRYPTION_KEY"] = KEY
    os.environ[PASSWORD] = SETTINGS.password
    database = folder / "target.db"
    pictures.make_target(f"sqlite:///{database}")
    workspace = Workspace(folder / "workspace")
    try:
        workspace.save_setting("furnished", "yes")
        center = Center(workspace)
        if not served:
            workspace.connections.put("target", f"sqlite:///{database}")
            yield center
            return
        with run_sandbox(database) as server:
            access = Access(user=SETTINGS.user)
            center.installations.add("target", server.url, access)
            yield center
    finally:
        workspace.close()


def import_pictures(
    center: Center, folder: Path, number: int, format_name: str
) -> TaskHandle:
    """Import a file of pictures, of which every second one is wrong."""
    records = [pictures.record(n) for n in range(1, number + 1)]
    path = folder / f"pictures.{format_name.lower()}"
    path.write_bytes(FILES[format_name](records))
    return center.import_file("target", "Picture", path, on_error="continue")


def mend_table(table: Table) -> Table:
    """Mend the value at fault in each row, as a person does."""
    return [_mend_row(row) for row in table]


def _mend_row(row: dict[str, str]) -> dict[str, str]:
    number = int(row["errorRecord"])
    fault = pictures.fault_of(number)
    assert fault is not None
    return {**row, fault.field: pictures.mended_value(number, fault)}


def mend_lines(data: bytes) -> bytes:
    """Mend the value at fault in each line of a JSONL file."""
    lines = []
    for line in data.splitlines():
        record = json.loads(line)
        number = record["errorRecord"]
        fault = pictures.fault_of(number)
        assert fault is not None
        value = pictures.mended_value(number, fault)
        record[fault.field] = pictures.typed({fault.field: value})[fault.field]
        lines.append(json.dumps(record, sort_keys=True).encode())
    return b"\n".join(reversed(lines))


def read_items(folder: Path) -> Items:
    """Return what the target holds, by code."""
    with closing(connect(f"sqlite:///{folder / 'target.db'}")) as target:
        entity_type = find_entity_type(target.entity_types(), "Picture")
        found = [*target.read(entity_type, Query())]
    items = {item[ERC]: item for item in found}
    assert len(items) == len(found), "a code is there twice"
    return items


def mend_and_retry(
    task: TaskHandle, folder: Path, format_name: str, rewrite: Rewrite
) -> Iterator[str]:
    """Carry out a round; yield what is wrong afterwards.

    Args:
        task: The import of :func:`import_pictures`.
        folder: The folder of the target.
        format_name: CSV or JSONL, the format of the file.
        rewrite: What a spreadsheet makes of the mended CSV file.
    """
    before = read_items(folder)
    number = task.counts.total
    path = folder / f"failed.{format_name.lower()}"
    task._repair.save_failures(task.id, path)
    data = path.read_bytes()
    mended = (
        rewrite(mend_table(read_table(data)))
        if format_name == "CSV"
        else mend_lines(data)
    )
    path.write_bytes(mended)
    check = task.retry(path, dry_run=True)
    if check.problems or check.counts != Counts(created=number // 2):
        yield f"the check says {check.counts}: {check.problems[:3]}"
    if read_items(folder) != before:
        yield "the check has written"
    task.retry(path)
    if (task.status, task.counts) != (TaskStatus.COMPLETED, Counts(created=number)):
        yield f"{task.status}, {task.counts}: {task.failures()[:3].to_dict('records')}"
    yield from compare(before, read_items(folder), number)


def compare(before: Items, after: Items, number: int) -> Iterator[str]:
    changed = [code for code in before if after.get(code) != before[code]]
    if changed:
        yield f"{len(changed)} good records were written again: {changed[:3]}"
    codes = {f"{n:05}" for n in range(1, number + 1)} | {"OLD"}
    if after.keys() != codes:
        yield f"{sorted(codes ^ after.keys())[:5]} are there, or missing"
        return
    good = after["00001"]
    for n in range(2, number + 1, 2):
        fault = pictures.fault_of(n)
        for name in _SAME if fault else ():
            if fault and name != fault.field and after[f"{n:05}"][name] != good[name]:
                value = after[f"{n:05}"][name]
                yield f"record {n} has {value!r} in {name}, not {good[name]!r}"
                return


_SAME: Final = (
    "phone",
    "weight",
    "price",
    "painted",
    "hung",
    "opened",
    "colour",
    "tones",
    pictures.PARENT,
)
"""Fields that have the same values in all records, but where they are wrong."""
