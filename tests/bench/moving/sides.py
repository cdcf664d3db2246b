"""Ours and the bare loop: what every other side is compared with."""

from __future__ import annotations

import csv
import io
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

import orjson
import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook

import dmc_widgets as dmc
from dmc_widgets.formats.zip_writer import DEFLATE_LEVEL
from dmc_widgets.model.run_options import RunOptions
from dmc_widgets.workspace import Workspace
from tests.bench.measuring import run_in_process, wait
from tests.bench.moving.shapes import CODE, Shape, definition_of, picklists_of

IMPORT: Final = "import"
UPDATE: Final = "update of all"
AGAIN: Final = "the same again"
EXPORT: Final = "export"
DRY_RUN: Final = "dry run"
STEPS: Final = (IMPORT, UPDATE, AGAIN, EXPORT)

_BATCH: Final = 1_000
_GROUP_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Work:
    """What a side works on.

    Attributes:
        shape: The shape of the records.
        folder: A folder of the side's own, for its database.
        files: The file of each step; an export writes one.
    """

    shape: Shape
    folder: Path
    files: dict[str, Path]


class Side(Protocol):
    """One way to move records."""

    name: str

    def can(self, shape: Shape, step: str) -> bool:
        """Return True if it does the step with these records at all."""

    def load(self) -> None:
        """Load what it needs; not measured."""

    def prepare(self, work: Work) -> None:
        """Make its database; not measured."""

    def carry_out(self, work: Work, step: str) -> None:
        """Do the step."""


class Ours:
    """A task, in the process that measures it: checks, journal, marks, verification."""

    name = "dmc_widgets"
    options = RunOptions()

    def can(self, shape: Shape, step: str) -> bool:
        del shape, step
        return True

    def load(self) -> None:
        from dmc_widgets.installations import sql  # noqa: F401
        from dmc_widgets.storage.garbage_collection import relax_garbage_collector
        from dmc_widgets.tasks.worker import runner  # noqa: F401

        relax_garbage_collector()  # as the process of a worker does

    def prepare(self, work: Work) -> None:
        documents = {
            "ListTypeDefinition": picklists_of(work.shape),
            "ObjectDefinition": [definition_of(work.shape)],
        }
        with dmc.open_center(work.folder / "workspace") as center:
            center.installations.add("Bench", f"sqlite:///{work.folder / 'ours.db'}")
            for kind, bodies in documents.items():
                path = work.folder / f"{kind}.jsonl"
                path.write_bytes(
                    b"".join(orjson.dumps(body) + b"\n" for body in bodies)
                )
                if bodies:
                    plan = dmc.ImportPlan(entity_type=kind)
                    wait(center, center.tasks.start_import("Bench", plan, path))

    def carry_out(self, work: Work, step: str) -> None:
        workspace = work.folder / "workspace"
        if step == EXPORT:
            export_in_process(workspace, work.shape)
        else:
            plan = dmc.ImportPlan(
                entity_type="C_Entry",
                name=step,
                dry_run=step == DRY_RUN,
                options=self.options,
            )
            run_in_process(workspace, "Bench", plan, work.files[step])


class OursUnverified(Ours):
    """The same without the verification at the end."""

    name = "dmc_widgets, unverified"
    options = RunOptions(verify=False)

    def can(self, shape: Shape, step: str) -> bool:
        del shape
        return step != EXPORT


def export_in_process(
    path: Path, shape: Shape, fields: tuple[str, ...] | None = None
) -> None:
    """Export all entries in this process, with these fields or with all of them."""
    from dmc_widgets.tasks.worker.runner import run_task

    workspace = Workspace(path)
    plan = dmc.ExportPlan(
        entity_type="C_Entry",
        format=shape.extension.upper(),
        name=EXPORT,
        fields=fields,
    )
    task = workspace.tasks.add("Bench", plan)
    run_task(workspace, task.id)
    ended = workspace.tasks.get(task.id)
    workspace.close()
    assert ended.status is dmc.TaskStatus.COMPLETED, ended.error


class BareLoop:
    """orjson, csv, calamine or pyarrow, and sqlite3: it checks nothing."""

    name = "bare loop"

    def can(self, shape: Shape, step: str) -> bool:
        del shape, step
        return True

    def load(self) -> None:
        """Everything is loaded."""

    def prepare(self, work: Work) -> None:
        with _connect(work.folder / "bare.db") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("CREATE TABLE entry (erc TEXT PRIMARY KEY, body BLOB)")
        connection.close()

    def carry_out(self, work: Work, step: str) -> None:
        connection = _connect(work.folder / "bare.db")
        if step == EXPORT:
            _BARE_EXPORTS[work.shape.extension](connection, work.files[step])
        else:
            _bare_import(connection, work.files[step])
        connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _bare_import(connection: sqlite3.Connection, file: Path) -> None:
    upsert = (
        "INSERT INTO entry VALUES (?, ?) "
        "ON CONFLICT (erc) DO UPDATE SET body = excluded.body"
    )
    for batch in _batches(file):
        with connection:
            connection.executemany(upsert, batch)


def _batches(file: Path) -> Iterator[list[tuple[str, bytes]]]:
    batch: list[tuple[str, bytes]] = []
    for record in _BARE_READERS[file.suffix](file):
        batch.append((record[CODE], orjson.dumps(record)))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    with file.open("rb") as stream:
        yield from map(orjson.loads, stream)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(newline="", encoding="utf-8") as stream:
        rows = csv.reader(stream)
        names = next(rows)
        for row in rows:
            yield dict(zip(names, row, strict=True))


def _sheet(file: Path) -> Iterator[dict[str, Any]]:
    rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).iter_rows()
    names = [str(name) for name in next(rows)]
    for row in rows:
        yield dict(zip(names, row, strict=True))


def _columns(file: Path) -> Iterator[dict[str, Any]]:
    import pyarrow.parquet as pq

    for batch in pq.ParquetFile(file).iter_batches(batch_size=_BATCH):
        yield from batch.to_pylist()


_BARE_READERS: Final = {
    ".jsonl": _lines,
    ".csv": _rows,
    ".xlsx": _sheet,
    ".parquet": _columns,
}


def _export_table(connection: sqlite3.Connection, path: Path) -> None:
    deflate, text = zlib.compressobj(DEFLATE_LEVEL), io.StringIO()
    writer = csv.writer(text)
    with path.open("wb") as stream:
        for row in _stored_rows(connection):
            writer.writerow(row)
            stream.write(deflate.compress(text.getvalue().encode()))
            text.seek(0)
            text.truncate()
        stream.write(deflate.flush())


def _export_sheet(connection: sqlite3.Connection, path: Path) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(_stored_rows(connection)):
            sheet.write_row(number, 0, row)


def _export_columns(connection: sqlite3.Connection, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows, writer = _stored_rows(connection), None
    while some := list(islice(rows, _GROUP_ROWS)):
        columns = [pa.array(column) for column in zip(*some, strict=True)]
        table = pa.table(columns, names=[str(n) for n in range(len(columns))])
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer:
        writer.close()


def _stored_rows(connection: sqlite3.Connection) -> Iterator[list[Any]]:
    for (body,) in connection.execute("SELECT body FROM entry ORDER BY rowid"):
        yield list(orjson.loads(body).values())


def _bare_export(connection: sqlite3.Connection, path: Path) -> None:
    deflate = zlib.compressobj(DEFLATE_LEVEL)
    with path.open("wb") as stream:
        for (body,) in connection.execute("SELECT body FROM entry ORDER BY rowid"):
            line = orjson.dumps(orjson.loads(body)) + b"\n"
            stream.write(deflate.compress(line))
        stream.write(deflate.flush())


_BARE_EXPORTS: Final = {
    "jsonl": _bare_export,
    "csv": _export_table,
    "xlsx": _export_sheet,
    "parquet": _export_columns,
}

OWN_SIDES: Final[tuple[Callable[[], Side], ...]] = (Ours, BareLoop)
