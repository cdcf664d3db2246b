"""Mending the failed records of a task, and trying them again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ...center import Center
from ...center.repair import MendedRecords
from ...center.repair_table import CellEdit, RepairDraft, can_repair
from ...errors import DmcError
from ...languages import format_number, lazy
from ...languages import gettext as _
from ...model.failure_group import ALL_FAILURES, FailureGroup
from ...model.mend import NO_MEND, Mend
from ...model.outcome import Problem
from ...model.task import Task, TaskStatus
from ..dashboard_session import TASK_PAGES, DashboardSession
from ..repair_state import RepairState, group_key, rejected_text
from ..task_state import format_records

_ENDED = frozenset(
    {
        TaskStatus.COMPLETED,
        TaskStatus.PARTIALLY_COMPLETED,
        TaskStatus.FAILED,
        TaskStatus.CANCELLED,
    }
)
_GOES_ON = lazy(
    "The repair that was interrupted goes on. What you have mended since is kept: "
    "retry it afterwards."
)


def can_mend(task: Task) -> bool:
    """Return True if failed records of a task can be mended and tried again now."""
    return can_repair(task) and task.status in _ENDED and task.counts.failed > 0


def load_failures(session: DashboardSession, task: Task) -> None:
    """Load what the table of failed records needs to know of a task.

    What was mended before in a task, and not retried, comes with it.
    """
    state, repair = session.repair, session.center.repair
    if state.task_id != task.id:
        state.forget(task.id)
        state.take(repair.draft(task))
    state.parts = dict(repair.parts(task))
    if state.part not in state.parts:
        state.part = next(iter(state.parts), "")
    state.groups = tuple(repair.groups(task))
    _load_columns(session)


def choose_part(session: DashboardSession, title: str) -> None:
    """Show the failed records of another part of the task."""
    session.repair.part = title
    _load_columns(session)


def mend_record(session: DashboardSession, index: int, column: str, text: str) -> None:
    """Take what was typed into a cell.

    Raises:
        InvalidPlan: The record did not fail, or the value cannot be mended here.
    """
    state = session.repair
    mend = session.center.repair.mend(
        state.task_id,
        index,
        state.columns,
        CellEdit(column, text),
        state.mends.get(index, NO_MEND),
    )
    mends = {number: x for number, x in state.mends.items() if number != index}
    with _keep_draft(session):
        _show_mends(session, {**mends, index: mend} if mend else mends)


def replace_value(session: DashboardSession, group: FailureGroup, text: str) -> None:
    """Put another value in place of the one for which the records of a group failed.

    An empty text takes an earlier replacement back.

    Raises:
        InvalidPlan: No single field of the file fills the field.
        FileError: The file of the import cannot be read.
    """
    state, key = session.repair, group_key(group)
    others = {known: x for known, x in state.replaced.items() if known != key}
    with _keep_draft(session):
        if text:
            _replace(session, group, text)
            count = format_records(group.number)
            state.notice = _("{count}: {field} becomes {text}.").format(
                count=count, field=group.field, text=text
            )
            state.replaced = {**others, key: text}
        elif key in state.replaced:
            taken = session.center.repair.replace(
                state.task_id, {group.field: {rejected_text(group): None}}
            )
            _show_mends(session, _taken_back(state.mends, taken.mends))
            state.replaced = others


def empty_field(session: DashboardSession, group: FailureGroup) -> None:
    """Remove the value for which the records of a group failed."""
    with _keep_draft(session):
        _replace(session, group, None)
    session.repair.notice = _("{records}: {field} is left empty.").format(
        records=format_records(group.number), field=group.field
    )


def add_key(session: DashboardSession, group: FailureGroup) -> None:
    """Let the value for which records failed become a key of its picklist.

    The key is added when they are retried.

    Raises:
        NotSupported: The task has several entity types.
        InvalidPlan: No record failed for the key.
    """
    state, key = session.repair, rejected_text(group)
    given = session.center.repair.add_key(state.task_id, group.field, key)
    with _keep_draft(session):
        _merge(session, given)
        state.new_keys = tuple(dict.fromkeys((*state.new_keys, *given.new_keys)))
    state.notice = _(
        "{records}: {key} becomes a key of the picklist of {field} when you retry."
    ).format(records=format_records(len(given.mends)), key=key, field=group.field)


def take_mended_file(session: DashboardSession, path: Path, name: str) -> None:
    """Take the values of a mended file, over those that were mended before.

    Raises:
        InvalidPlan: The file does not belong to the task.
        FileError: The file cannot be read.
    """
    state = session.repair
    given = session.center.repair.read(state.task_id, path, name=name)
    with _keep_draft(session):
        _merge(session, given)
    changed = sum(map(bool, given.mends.values()))
    same = len(given.mends) - changed
    text = _("{name}: {records} mended, {same} as before.").format(
        name=name, records=format_records(changed), same=format_number(same)
    )
    state.notice = " ".join([text, *given.notes])


def discard_mends(session: DashboardSession) -> None:
    """Take all changes back that were not tried yet."""
    session.center.repair.discard_draft(session.repair.task_id)
    session.repair.forget(session.repair.task_id)


def check_mends(session: DashboardSession) -> None:
    """Find out what would become of the mended records; nothing is written.

    Without any, all failed records are checked as they are.

    Raises:
        InvalidPlan: The task cannot be carried out any more, or a new key is refused.
        FileError: The file of the import cannot be read.
        InstallationError: An installation does not answer.
    """
    state = session.repair
    check = session.center.repair.check(state.task_id, state.records)
    refused: dict[int, tuple[Problem, ...]] = {}
    for found in check.problems:
        refused[found.index] = (*refused.get(found.index, ()), found.problem)
    state.refused = refused
    good = check.counts.total - check.failed
    checked = _("Checked: {records} would come in, {failed} would still fail.").format(
        records=format_records(good), failed=format_number(check.failed)
    )
    state.notice = " ".join([checked, *check.notes])


def retry_failures(session: DashboardSession, task: Task) -> None:
    """Try the mended records of a task again; all failed ones if none was mended.

    What was mended on a page that is closed by now counts, too. A repair that was
    interrupted goes on first, and what was mended since waits for the next one.

    Raises:
        InvalidPlan: The task has not ended, or no record failed.
        WorkspaceError: The repair could not be recorded or started.
    """
    started = start_retry(session.center, task, session.repair)
    if session.dashboard.page in TASK_PAGES:
        session.task.task = started
    else:
        session.follow_task(task.id)


def start_retry(center: Center, task: Task, state: RepairState) -> Task:
    """Start what :func:`retry_failures` does, with the mended records of a state.

    Raises:
        InvalidPlan: The task has not ended, or no record failed.
        WorkspaceError: The repair could not be recorded or started.
    """
    repair = center.repair
    if state.task_id != task.id:
        state.forget(task.id)
        state.take(repair.draft(task))
    if repair.is_interrupted(task):
        state.notice = _GOES_ON
        return repair.start(task, None)
    started = repair.start(task, state.records)
    repair.discard_draft(task)
    state.forget(task.id)
    return started


@contextmanager
def _keep_draft(session: DashboardSession) -> Iterator[None]:
    """Keep with the task what is changed in the mends, so that it outlives the page.

    What cannot be kept stays on the page, which says why.
    """
    state = session.repair
    before = state.mends
    yield
    mends = state.mends
    changed = {index for index, mend in mends.items() if before.get(index) != mend}
    changed = (changed | set(state.unsaved)) & mends.keys()
    draft = RepairDraft(
        {index: mends[index] for index in changed}, state.new_keys, state.replaced
    )
    removed = before.keys() - mends.keys()
    try:
        session.center.repair.save_draft(state.task_id, draft, removed)
    except DmcError as error:
        state.unsaved, state.fault = tuple(changed), str(error)
    else:
        state.unsaved, state.fault = (), ""


def _load_columns(session: DashboardSession) -> None:
    state = session.repair
    only = state.parts.get(state.part, ALL_FAILURES)
    state.columns = session.center.repair.columns(state.task_id, only)


def _replace(session: DashboardSession, group: FailureGroup, new: str | None) -> None:
    state = session.repair
    _merge(
        session,
        session.center.repair.replace(
            state.task_id, {group.field: {rejected_text(group): new}}
        ),
    )


def _merge(session: DashboardSession, given: MendedRecords) -> None:
    """Take changes over those that were made before."""
    mends = session.repair.mends
    merged = {
        index: mend.after(mends.get(index, NO_MEND))
        for index, mend in given.mends.items()
    }
    _show_mends(session, {**mends, **merged})


def _show_mends(session: DashboardSession, mends: Mapping[int, Mend]) -> None:
    state = session.repair
    before, state.notice = state.mends, ""
    state.refused = {
        index: problems
        for index, problems in state.refused.items()
        if mends.get(index) == before.get(index)
    }
    state.mends = dict(mends)


def _taken_back(
    mends: Mapping[int, Mend], taken: Mapping[int, Mend]
) -> dict[int, Mend]:
    """Return changes without those in the places of *taken*."""
    left: dict[int, Mend] = {}
    for index, mend in mends.items():
        places = taken.get(index, NO_MEND).values
        values = {path: x for path, x in mend.values.items() if path not in places}
        if values or index not in taken:
            left[index] = Mend(values, mend.removed)
    return left
