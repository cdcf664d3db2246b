"""Whatever a store loses or changes of what was sent, a verification names it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dmc_widgets.installations import connect
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.model.verification import MismatchKind, Verification
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.verification.task_verification import TaskVerification
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from tests.factories import definition
from tests.tasks.gallery import ERC, field, write

RECORDS: Final = 2_300
"""Two whole batches and a part of one; of two entries the second record counts.

Both batches of theirs are compared entry by entry, the last one as a whole.
"""

ENTRY: Final = definition(
    "Entry",
    field("title", "Text"),
    field("amount", "Integer", "Integer"),
    field("weight", "Decimal", "Double"),
    field("open", "Boolean", "Boolean"),
    field("day", "Date", "Date"),
)


def _record(number: int) -> dict[str, Any]:
    code = number - 1_500 if number in {1_510, 1_520} else number
    return {
        ERC: f"E-{code}",
        "title": f"Entry {number}" if number % 7 else "",
        "amount": number % 5,
        "weight": number / 8,
        "open": number % 3 == 0,
        "day": f"2026-01-{number % 28 + 1:02}",
    }


class Imported(NamedTuple):
    """An import, the file of its target, and a copy of that file."""

    workspace: Workspace
    task: Task
    path: Path
    copy: Path


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    folder: Path = tmp_path_factory.mktemp("damaged")
    path = folder / "target.db"
    with closing(connect(f"sqlite:///{path}")) as installation:
        write(installation, "ObjectDefinition", ENTRY)
    with closing(Workspace(folder / "workspace")) as workspace:
        workspace.connections.put("target", f"sqlite:///{path}")
        plan = ImportPlan(entity_type="C_Entry", name="x")
        task = workspace.tasks.add("target", plan, "entries.jsonl")
        file = original_path(workspace, task)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(
            b"".join(orjson.dumps(_record(n)) + b"\n" for n in range(RECORDS))
        )
        run_task(workspace, task.id)
        ended = workspace.tasks.get(task.id)
        assert (ended.status, ended.counts.updated) == (TaskStatus.COMPLETED, 2)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
        copy = folder / "copy.db"
        shutil.copyfile(path, copy)
        yield Imported(workspace, ended, path, copy)


def _verify(imported: Imported) -> tuple[Verification, dict[str, MismatchKind]]:
    workspace, task, path, _ = imported
    with closing(connect(f"sqlite:///{path}")) as target:
        found = TaskVerification(
            workspace, task, target, task.id, lambda _number: None
        ).carry_out()
    listed = workspace.verifications.mismatches(task.id)
    return found, {each.key: each.kind for each in listed}


def test_a_database_makes_the_digests_as_it_writes(imported: Imported) -> None:
    """So neither the writing nor the verification looks at single values."""
    last = imported.workspace.digests.find_batch(imported.task.id, 2_001, 300)

    assert last is not None
    assert last.of_entries
    assert last.names == ("amount", "day", "open", "title", "weight")


CHANGES: Final[dict[str, Any]] = {
    "title": ["Other", None],
    "amount": [7, "1", None],
    "weight": [-1.5, None],
    "open": [None, True],
    "day": ["2025-12-31", None],
}


def _damage(connection: sqlite3.Connection, key: str, name: str, value: Any) -> bool:
    """Delete an entry, or give it another value; return True if it is another."""
    (body,) = connection.execute(
        "SELECT body FROM entry WHERE erc = ?", [key]
    ).fetchone()
    if not name:
        connection.execute("DELETE FROM entry WHERE erc = ?", [key])
        return True
    stored = orjson.loads(body)
    before = stored.pop(name, None)
    before = None if before is False else before  # a Boolean without a value
    if value is not None:
        stored[name] = value
    connection.execute(
        "UPDATE entry SET body = ? WHERE erc = ?", [orjson.dumps(stored), key]
    )
    return str(before) != str(value)


DAMAGES: Final = st.dictionaries(
    st.integers(0, RECORDS - 1).filter(lambda n: n not in {1_510, 1_520}),
    st.just(("", None))
    | st.sampled_from([(name, x) for name in CHANGES for x in CHANGES[name]]),
    max_size=5,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damages=DAMAGES)
@example(damages={})
@example(damages={2_100: ("title", "Other")})
@example(damages={2_200: ("", None)})
@example(damages={0: ("amount", None), 3: ("open", None)})
def test_what_a_store_lost_or_changed_is_named(
    imported: Imported, damages: dict[int, tuple[str, Any]]
) -> None:
    """Of several records of one entry the last counts, wherever it stands."""
    shutil.copyfile(imported.copy, imported.path)
    expected: dict[str, MismatchKind] = {}
    with closing(sqlite3.connect(imported.path)) as connection, connection:
        for number, (name, value) in damages.items():
            key = f"E-{number}"
            if _damage(connection, key, name, value):
                kind = MismatchKind.DIFFERENT if name else MismatchKind.MISSING
                expected[key] = kind

    found, listed = _verify(imported)

    assert listed == expected
    (part,) = found.parts
    missing = [*expected.values()].count(MismatchKind.MISSING)
    assert (part.expected, part.superseded) == (RECORDS - 2, 2)
    assert (part.missing, part.different) == (missing, len(expected) - missing)
    assert part.equal == RECORDS - 2 - len(expected)
    assert (part.expected_digest == part.actual_digest) is (not expected)
    assert part.fields == ("amount", "day", "open", "title", "weight")
