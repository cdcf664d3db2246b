"""Read the mended records of a file, and find out what was changed in each.

Spreadsheets change quotes, the order of rows and columns, the encoding and the way in
which numbers are spelled; none of this is a change of a record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from sys import intern
from typing import Any, Final, NamedTuple

from ....errors import FileUnreadable, InvalidPlan
from ....formats.csv.table_writer import READING
from ....formats.source import Source, open_source
from ....model.mend import (
    Mend,
    PackedMends,
    decode_value,
    encode_value,
    path_text,
)
from ....model.mend import (
    Path as ValuePath,
)
from ....model.plan import ImportPlan
from ....model.reading_options import DETECT_ALL, ReadingOptions
from ....model.record import Record, UnreadableRecord
from ....model.representation import ValueDisplay
from ....model.task import Task
from ....objects.names import ERC
from ....storage.sqlite import open_temporary
from ....workspace import Workspace
from ...task_run import count_records
from .error_columns import ErrorColumns, find_error_columns
from .failed_records import FailedRecord, read_failed_records
from .record_cells import compare_cells, compare_values, restore_references
from .spellings import SpreadsheetSpelling

_SHOWN: Final = 10

RecordKey = tuple[str, int]
"""The title of a part, empty in a task without parts, and a number in it."""


@dataclass(frozen=True, slots=True, repr=False)
class MendedRecords(ValueDisplay):
    """What was changed in the failed records of a task.

    Attributes:
        mends: What was changed in each, by the number of the record in the task; an
            empty mend for records that are tried again as they are.
        notes: Sentences about what was given and not taken.
        new_keys: Fields, and keys that are added to their picklists first.
    """

    mends: Mapping[int, Mend]
    notes: tuple[str, ...] = ()
    new_keys: tuple[tuple[str, str], ...] = ()


def read_mended_file(
    workspace: Workspace,
    task: Task,
    path: Path,
    *,
    name: str = "",
    options: ReadingOptions = DETECT_ALL,
) -> MendedRecords:
    """Compare the records of a file with the failed records of a task.

    Args:
        workspace: Holds the task.
        task: The task.
        path: The file: one of failed records, mended, in any format that can be read.
        name: The name of the file for people, if it is not that of *path*.
        options: How the file is read, where that is not detected.

    Raises:
        FileError: The file cannot be read, or a record of it cannot.
        InvalidPlan: Rows are not recognised, or none of them is a failed record.
    """
    with open_source(
        path, name=name or path.name, options=options.over(READING)
    ) as source:
        is_table = source.format.info.is_table
        return compare_rows(workspace, task, _read_rows(source), is_table=is_table)


def _read_rows(source: Source) -> Iterator[Record]:
    for record in source.records():
        if isinstance(record, UnreadableRecord):
            raise FileUnreadable(source.name, record.problem.message)
        yield restore_references(record, {})  # loads large texts


def compare_rows(
    workspace: Workspace, task: Task, rows: Iterable[Record], *, is_table: bool
) -> MendedRecords:
    """Compare rows with the failed records of a task; see :func:`read_mended_file`.

    Args:
        workspace: Holds the task.
        task: The task.
        rows: The rows, with the columns that say which records they are.
        is_table: A column that a row does not have leaves its value as it is;
            otherwise the record has lost the field.
    """
    comparison = _Comparison(task, is_table=is_table)
    used = 0
    with closing(_SpooledRows(rows)) as given:
        columns = find_error_columns(given.names)
        by_key = _rows_by_key(task, given, columns)
        for failed in read_failed_records(workspace, task):
            key = _code_key(task, failed) if columns is None else _number_key(failed)
            place = by_key.get(key)
            if place is not None:
                used += 1
                row = given.read(place)
                comparison.add(failed, columns.strip(row) if columns else row)
    if not used and not task.counts.failed:
        reason = f"Task {task.id} has no failed records, so there is none to retry."
        raise InvalidPlan(reason)
    if not used:
        reason = (
            f"None of the records given is a failed record of task {task.id}. Mend the "
            f"file of: dmc failures {task.id} -o FILE"
        )
        raise InvalidPlan(reason)
    notes = [*comparison.notes()]
    if used < len(by_key):
        notes.append(_not_failed_note(len(by_key) - used))
    return MendedRecords(comparison.mends(), tuple(notes))


class _SpooledRows:
    """Rows in a temporary file, because there may be as many as failed records.

    Args:
        rows: The rows; they are read at once.
    """

    def __init__(self, rows: Iterable[Record]) -> None:
        names: dict[str, None] = {}
        self._connection = open_temporary()
        self._connection.execute("CREATE TABLE row (place INTEGER PRIMARY KEY, text)")
        for place, row in enumerate(rows, start=1):
            names.update(dict.fromkeys(row))
            values = [place, encode_value(row)]
            self._connection.execute("INSERT INTO row VALUES (?, ?)", values)
        self.names = tuple(names)

    def __iter__(self) -> Iterator[tuple[int, Record]]:
        """Yield the rows in their order, each with its place, from 1."""
        found = self._connection.execute("SELECT place, text FROM row ORDER BY place")
        for place, text in found:
            yield place, decode_value(text)

    def read(self, place: int) -> Record:
        """Return the row at a place."""
        query = "SELECT text FROM row WHERE place = ?"
        ((text,),) = self._connection.execute(query, [place]).fetchall()
        return dict(decode_value(text))

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()


class _Fault(NamedTuple):
    """The field of the file for which a record failed, and the code of the problem."""

    field: str
    code: str


class _Comparison:
    """Collects what was changed in each record."""

    def __init__(self, task: Task, *, is_table: bool) -> None:
        self._sources = sources_by_target(task)
        self._is_table = is_table
        self._rewritten: Counter[str] = Counter()
        self._cut_off: Counter[str] = Counter()
        self._spelling = SpreadsheetSpelling()
        self._changed: Counter[str] = Counter()
        self._texts: dict[int, str] = {}
        self._faults: dict[int, _Fault] = {}

    def add(self, failed: FailedRecord, row: Record) -> None:
        """Compare a row with its record."""
        problem = failed.failure.problem
        field = problem.field.partition(".")[0]
        at_fault = self._sources.get(field, field)
        if not self._is_table:
            mend = compare_values(failed.record, row)
        else:
            mend, rewritten, cut_off = compare_cells(
                failed.record, row, at_fault=at_fault
            )
            self._rewritten.update(rewritten.keys())
            self._cut_off.update(cut_off)
            for name, (shown, given) in rewritten.items():
                self._spelling.learn(name, shown, given)
        names = dict.fromkeys((*map(path_text, mend.values), *mend.removed))
        self._changed.update(names.keys())
        index = failed.failure.index
        self._texts[index] = mend.to_json()
        self._faults[index] = _Fault(intern(at_fault), intern(problem.code))

    def mends(self) -> PackedMends:
        """Return the changes of each record, in the spelling of the file."""
        found = PackedMends(self._texts)
        if not self._is_table:
            return found
        return PackedMends.pack(
            (index, mend.map_values(partial(self._restore, self._faults[index])))
            for index, mend in found.items()
        )

    def _restore(self, fault: _Fault, path: ValuePath, value: Any) -> Any:
        code = fault.code if path[0] == fault.field else ""
        return self._spelling.restore(path_text(path), value, code)

    def notes(self) -> Iterable[str]:
        """Yield what was changed by column, and what was given and not taken."""
        columns = [f"{x} in {count_records(n)}" for x, n in self._changed.most_common()]
        if columns:
            yield f"Changed: {_join(columns)}."
        else:
            yield "No value was changed, so the records are tried again as they are."
        if self._rewritten:
            yield (
                f"{_count_values(self._rewritten)} only spelled in another way, as "
                "spreadsheets do with numbers and dates, so the original stays."
            )
        if self._cut_off:
            yield (
                f"{_count_values(self._cut_off)} cut off by the spreadsheet, like "
                "9.0072E+15, and not taken. Format such a column as text before you "
                "type into it."
            )


def _count_values(columns: Counter[str]) -> str:
    number = columns.total()
    values = "1 value" if number == 1 else f"{number:,} values"
    verb = "was" if number == 1 else "were"
    return f"{values} ({_join([*columns])}) {verb}"


def _join(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _rows_by_key(
    task: Task, rows: _SpooledRows, columns: ErrorColumns | None
) -> dict[RecordKey, int]:
    """Return the places of rows by the records that they stand for."""
    by_key: dict[RecordKey, int] = {}
    for place, row in rows:
        if all(value in (None, "") for value in row.values()):
            continue  # spreadsheets leave such rows where others were deleted
        if columns is None:
            key = (str(row.get(_code_field(task)) or ""), 0)
            if not key[0]:
                raise InvalidPlan(_no_key(place, _code_field(task)))
        else:
            number = _whole_number(row.get(columns.record))
            if number is None:
                raise InvalidPlan(_no_key(place, columns.record))
            key = (str(row.get(columns.part) or ""), number)
        if key in by_key:
            shown = " ".join(str(part) for part in key if part)
            reason = f"The record {shown} is given twice. Remove one of the two."
            raise InvalidPlan(reason)
        by_key[key] = place
    return by_key


def _no_key(place: int, column: str) -> str:
    return (
        f"Row {place} has no value in {column!r}, which says which record it is. "
        "Keep the columns that the file of failed records has."
    )


def _not_failed_note(number: int) -> str:
    count = "1 record" if number == 1 else f"{number:,} records"
    verb = "is" if number == 1 else "are"
    return f"{count} of those given {verb} not among the failed ones, and left out."


def _number_key(failed: FailedRecord) -> RecordKey:
    return failed.position.title, failed.position.number


def _code_key(task: Task, failed: FailedRecord) -> RecordKey:
    return str(failed.record.get(_code_field(task)) or ""), 0


def _code_field(task: Task) -> str:
    sources = sources_by_target(task)
    return sources.get(ERC, ERC)


def sources_by_target(task: Task) -> dict[str, str]:
    """Return the field of the file that fills each target field of an import."""
    plan = task.plan
    if not isinstance(plan, ImportPlan):
        return {}
    return {
        pair.target: pair.source.partition(".")[0]
        if "." in pair.source
        else pair.source
        for pair in plan.mapping.pairs
        if pair.has_source
    }


def _whole_number(value: Any) -> int | None:
    """Return a number that a spreadsheet may have written as ``1,234`` or ``7.0``."""
    text = str(value).replace(",", "").strip()
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() and number > 0 else None


def without_changes(indices: Iterable[int]) -> MendedRecords:
    """Return records that are tried again as they are."""
    return MendedRecords(dict.fromkeys(indices, Mend({})))


def merge_mends(first: MendedRecords, second: MendedRecords) -> MendedRecords:
    """Return the changes of *first*, and over them those of *second*."""
    merged = dict(first.mends)
    for index, mend in second.mends.items():
        merged[index] = mend.after(merged[index]) if index in merged else mend
    notes = (*first.notes, *second.notes)
    new_keys = tuple(dict.fromkeys((*first.new_keys, *second.new_keys)))
    return MendedRecords(merged, notes, new_keys)
