"""Previews and outcomes as dataframes. The only file that imports pandas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..model.entity import EntityType
from ..model.outcome import Outcome, Problem
from ..model.plan import ImportPlan
from ..workspace import Workspace
from .expressions import compile_expression
from .head import FileHead

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd

_COLUMNS = (
    "itemIndex",
    "outcome",
    "externalReferenceCode",
    "code",
    "field",
    "value",
    "message",
)


def preview_frame(
    plan: ImportPlan, entity_type: EntityType, head: FileHead
) -> pd.DataFrame:
    """Show what *plan* makes of the first records of a file.

    Returns:
        One column a target field, by name; one line a record, numbered from 1.
        A field that a record does not hold is ``<NA>``; null is None. Where the
        mapping cannot make an item of some record, a last column ``problem`` says
        why; it is empty for the others.

    Raises:
        InvalidPlan: An expression of the mapping is none.
    """
    import pandas as pd

    mapped = plan.mapping.compile(entity_type, compile_expression)
    made = [mapped(record) for record in head.records]
    items = [{} if isinstance(each, Problem) else each for each in made]
    targets = sorted({name for item in items for name in item} | plan.mapping.targets)
    frame = pd.DataFrame(
        {
            name: pd.Series([item.get(name, pd.NA) for item in items], dtype=object)
            for name in targets
        }
    )
    told = [each.message if isinstance(each, Problem) else "" for each in made]
    if any(told):
        # A field may have the same name; both are shown.
        problems = pd.Series(told, dtype=object, name="problem")
        frame = pd.concat([frame, problems], axis=1)
    frame.index = pd.RangeIndex(1, len(items) + 1, name="record")
    return frame


def outcomes_frame(workspace: Workspace, task_id: int) -> pd.DataFrame:
    """Return every outcome of a task, one line a record, in the order of the file."""
    import pandas as pd

    failures = {each.index: each for each in workspace.outcomes.failures(task_id)}
    lines: list[Sequence[object]] = []
    for recorded in workspace.outcomes.read(task_id):
        for index, outcome in enumerate(recorded.outcomes, start=recorded.first_index):
            problem = failures[index].problem if index in failures else None
            lines.append(_line(index, outcome, problem))
    return pd.DataFrame(lines, columns=list(_COLUMNS))


def _line(index: int, outcome: Outcome, problem: Problem | None) -> Sequence[object]:
    told: tuple[object, ...] = ("", "", None, "")
    if problem is not None:
        told = (problem.code, problem.field, problem.value, problem.message)
    return (index, outcome.kind.value, outcome.key, *told)
