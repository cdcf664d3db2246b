"""Imports whose lines or columns the database reads end as ones that read records."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dmc_widgets.installations import connect
from dmc_widgets.model.line_items import LineItems
from dmc_widgets.model.mapping import Mapping
from dmc_widgets.model.outcome import Outcome
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Query
from dmc_widgets.tasks.imports import line_reading
from dmc_widgets.tasks.imports.line_reading import LineReading
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_identity import identify_file
from tests.factories import definition
from tests.tasks.gallery import ERC, field, write

ENTRY = definition(
    "Entry",
    field("title", "Text"),
    field("amount", "Integer", "Integer"),
    field("weight", "Decimal", "Double"),
    field("rank", "Integer", "Integer"),
    field("day", "Date", "Date"),
)
CONTINUE = Policy(
    error_strategy=ErrorStrategy.CONTINUE, update_strategy=UpdateStrategy.PARTIAL_UPDATE
)

RECORDS: Final = 5_300
"""The first batch tells what fields there are; the third and the fourth are odd."""

ODD: Final[dict[int, Any]] = {
    1_500: {"rank": 1},  # its batch is read by the target
    2_200: {"amount": "no number"},
    2_300: {"amount": "12"},
    3_100: {"title": None},
    3_200: {ERC: "E-3199"},
    3_300: {"note": "a field that no line before had"},
    4_100: {"weight": 1.5},
}
BROKEN: Final = {2_400: '{"title": ', 3_400: "[1]", 4_200: '{"a": 1} {"b": 2}'}
LONG: Final = {4_050: '"weight": 0.1000000000000000055511151231257827'}


def _write_lines(path: Path, word: str) -> None:
    lines = []
    for n in range(RECORDS):
        record = {ERC: f"E-{n}", "title": f"{word} {n}", "amount": n, "id": n + 9}
        line = json.dumps(record | ODD.get(n, {}))
        if n in LONG:
            line = f"{line[:-1]}, {LONG[n]}}}"
        lines.append(BROKEN.get(n, line))
    path.write_text("\n".join(lines))


ODD_ROWS: Final[dict[int, Any]] = {
    1_500: {"rank": 1},
    2_200: {"amount": 2**40, "id": 2**40},
    3_100: {"title": None},
    3_200: {ERC: "E-3199"},
    5_200: {"weight": float("nan")},
}


def _write_columns(path: Path, word: str) -> None:
    rows = [
        {
            ERC: f"E-{n}",
            "title": f"{word} {n}",
            "amount": n,
            "id": n + 9,
            "weight": n / 4,
            "rank": None,
            "day": date(2024, 1, 1 + n % 28),
        }
        | ODD_ROWS.get(n, {})
        for n in range(RECORDS)
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)


class _Ended:
    """What is to be seen of two imports, one after the other."""

    def __init__(self, folder: Path, write_file: Callable[[Path, str], None]) -> None:
        self._write_file = write_file
        folder.mkdir()
        self._path = folder / "target.db"
        self._folder = folder
        with closing(connect(f"sqlite:///{self._path}")) as installation:
            write(installation, "ObjectDefinition", ENTRY)
        with closing(Workspace(folder / "workspace")) as workspace:
            workspace.connections.put("target", f"sqlite:///{self._path}")
            self.tasks = [self._run(workspace, word) for word in MAPPINGS]

    def _run(self, workspace: Workspace, word: str) -> Any:
        plan = ImportPlan(
            entity_type="C_Entry", name="x", policy=CONTINUE, mapping=MAPPINGS[word]
        )
        task = workspace.tasks.add("target", plan, "entries.jsonl")
        file = original_path(workspace, task)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._write_file(file, word)
        workspace.tasks.identify_file(task.id, identify_file(file))
        run_task(workspace, task.id)
        ended = workspace.tasks.get(task.id)
        verification = workspace.verifications.get(task.id)
        assert verification is not None
        return {
            "counts": ended.counts,
            "notes": ended.notes,
            "outcomes": self._outcomes(workspace, task),
            "failures": list(workspace.outcomes.failures(task.id)),
            "verified": verification.parts[0].equal,
            "fields": verification.parts[0].fields,
            "stored": self._stored(),
        }

    def _outcomes(self, workspace: Workspace, task: Task) -> list[Outcome]:
        batches = workspace.outcomes.read(task.id)
        return [outcome for batch in batches for outcome in batch.outcomes]

    def _stored(self) -> list[Any]:
        with closing(connect(f"sqlite:///{self._path}")) as installation:
            entity_type = find_entity_type(installation.entity_types(), "C_Entry")
            query = Query(fields=(ERC, "title", "amount", "weight", "day"))
            return list(installation.read(entity_type, query))


MAPPINGS: Final = {
    "One": Mapping(same_names=True),
    "Two": Mapping(["id=amount", f"{ERC}={ERC}", "title=title", "rank=rank"]),
}


@pytest.mark.parametrize(
    ("write_file", "expected"),
    [
        (_write_lines, [0, 1_000, 0, 0, 0, 300]),
        (_write_columns, [0, 1_000, 0, 0, 1_000, 0]),
    ],
)
def test_it_ends_as_one_that_reads_records(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_file: Callable[[Path, str], None],
    expected: list[int],
) -> None:
    read = LineReading.read
    seen: list[int] = []

    def count(self: LineReading, *records: Any) -> LineItems | None:
        items = read(self, *records)
        seen.append(0 if items is None else len(items))
        return items

    monkeypatch.setattr(line_reading, "_PAUSE", 1)
    monkeypatch.setattr(LineReading, "read", count)
    with_lines = _Ended(tmp_path / "lines", write_file)
    monkeypatch.setattr(LineReading, "read", lambda *_: None)
    with_records = _Ended(tmp_path / "records", write_file)

    assert with_lines.tasks == with_records.tasks
    assert seen == 2 * expected
