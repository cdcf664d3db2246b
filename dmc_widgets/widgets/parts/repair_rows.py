"""The rows and columns of the tables in which failed records are mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from ...center.repair_table import RecordRow, RowCell
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.failure_group import FailureGroup
from ...model.outcome import Problem
from ...states.dashboard_session import DashboardSession
from ...states.repair_state import RepairState, group_key, rejected_text
from ..controls import Column, input_cell

GROUP_COLUMNS: Final = (
    Column("value", lazy("Value")),
    Column("field", lazy("Field")),
    Column("records", lazy("Records"), kind="number"),
    Column("message", lazy("Message"), kind="long"),
    Column("new", lazy("New Value"), kind="input"),
    Column("actions", lazy("Actions"), kind="actions"),
)
NEW_KEY: Final = "list-type-entry"
"""The code of records with a value that may become a key of a picklist."""
_RECORD_COLUMNS: Final = (
    Column("record", lazy("Record"), align="end"),
    Column("message", lazy("Message"), kind="long"),
    Column("code", lazy("Code")),
)
_CELL: Final = "cell:"
_MAX_COLUMNS: Final = 60
_MAX_RAW: Final = 300
_VALUE_ELSEWHERE: Final = lazy(
    "The value is too long to be shown here: mend it in the downloaded file."
)
_RECORD_ELSEWHERE: Final = lazy(
    "The record is too long to be shown here: mend it in the downloaded file."
)


class RecordRows:
    """The failed records of the task in view as the rows of a table.

    Attributes:
        is_locked: Nothing can be mended now.
    """

    def __init__(self, session: DashboardSession) -> None:
        self._session = session
        self.is_locked = True

    def count(self, query: str) -> int:
        """Return the number of failed records that match the filters."""
        state = self._session.repair
        only = state.only._replace(text=query.strip())
        return self._session.center.repair.count(state.task_id, only)

    def rows(
        self, offset: int, limit: int, _sort: tuple[str, bool] | None, query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, in the order of the file."""
        state = self._session.repair
        if not state.task_id:
            return []
        page = self._session.center.repair.rows(
            state.task_id,
            state.columns,
            offset,
            limit,
            only=state.only._replace(text=query.strip()),
            mends=state.mends,
        )
        return [self._build_row(row) for row in page]

    def _build_row(self, row: RecordRow) -> dict[str, Any]:
        state = self._session.repair
        problems = state.refused.get(row.index, (row.problem,))
        values: dict[str, Any] = {
            "key": str(row.index),
            "record": format_number(row.position.number),
            "code": ", ".join(dict.fromkeys(problem.code for problem in problems)),
            "message": _format_messages(row, problems),
        }
        is_refused = row.index in state.refused
        faults = {
            name: problem.message
            for problem in reversed(problems)
            for name in state.columns.at_fault(problem.field)
        }
        for name, cell in row.cells.items():
            is_shown = is_refused or cell.before is None
            fault = faults.get(name, "") if is_shown else ""
            values[f"{_CELL}{name}"] = self._build_cell(cell, fault)
        return values

    def _build_cell(self, cell: RowCell, fault: str) -> dict[str, Any]:
        if cell.is_locked:
            note = f"{fault} {_VALUE_ELSEWHERE}".strip()
            return input_cell(
                cell.text, note=note, state="wrong" if fault else "", locked=True
            )
        if fault:
            return input_cell(
                cell.text, note=fault, state="wrong", locked=self.is_locked
            )
        if cell.before is None:
            return input_cell(cell.text, locked=self.is_locked)
        note = (
            _("Was: {before}").format(before=cell.before)
            if cell.before
            else _("Was empty")
        )
        return input_cell(cell.text, note=note, state="changed", locked=self.is_locked)


def _format_messages(row: RecordRow, problems: Sequence[Problem]) -> str:
    parts = [problem.message for problem in problems]
    if row.is_too_long:
        parts.append(_(_RECORD_ELSEWHERE))
    elif row.raw:
        parts.append(_("It reads: {raw}").format(raw=row.raw[:_MAX_RAW]))
    return " · ".join(parts)


def list_record_columns(state: RepairState) -> list[Column]:
    """Return the columns of the table: the problem, then the values.

    The fields of the problem that is looked at come first.
    """
    first = state.columns.at_fault(state.problem[1]) if state.problem else ()
    names = [*dict.fromkeys((*first, *state.columns.paths))][:_MAX_COLUMNS]
    cells = [Column(f"{_CELL}{name}", name, kind="input") for name in names]
    return [*_RECORD_COLUMNS, *cells]


def column_of(key: str) -> str:
    """Return the name in the file of the column with a key of the table."""
    return key.removeprefix(_CELL)


def build_group_row(
    group: FailureGroup, new: str, *, can_add_key: bool
) -> dict[str, Any]:
    """Return records with the same problem as a row.

    Args:
        group: The records.
        new: The value that was typed for all of them; empty for none.
        can_add_key: A rejected value can become a key of a picklist.
    """
    value = rejected_text(group)
    actions = []
    if value and group.code == NEW_KEY and can_add_key:
        actions.append((NEW_KEY, _("Make {value} a Key").format(value=value[:40])))
    if value and group.field:
        actions.append(("empty", _("Leave the Field Empty")))
    typed = input_cell(new, state="changed" if new else "", hint=_("Replace by"))
    return {
        "key": group_key(group),
        "value": value or "(no value)",
        "field": group.field,
        "records": group.number,
        "message": group.message,
        "new": typed if group.field else None,
        "actions": actions,
    }
