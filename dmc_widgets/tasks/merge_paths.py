"""The paths of a merge: refused where they name no difference that there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ..errors import InvalidPlan
from ..model.merge_choices import MergeChoices
from ..model.plan import MigrationPlan, Selection
from ..model.strategies import Policy, UpdateStrategy
from ..objects.comparison.difference_paths import (
    difference_path,
    document_names,
    is_accepted,
    property_path,
)
from ..objects.comparison.differences import ChangeType, Difference
from ..objects.comparison.merging import find_unmatched_paths

_MAX_SHOWN: Final = 10


def plan_of_differences(
    source: str, paths: str | Iterable[str], differences: Sequence[Difference]
) -> MigrationPlan:
    """Return the plan that brings single differences of documents, and nothing else.

    Args:
        source: The name of the source.
        paths: The paths of the differences.
        differences: The differences between source and target.

    Raises:
        InvalidPlan: A path names no difference, or a document that only the target
            has: a migration deletes none.
    """
    choices = MergeChoices(only=paths)
    if not choices:
        reason = "Name at least one difference, as dmc compare lists them."
        raise InvalidPlan(reason)
    require_known_paths(choices, differences)
    accepted = [x for x in differences if is_accepted(choices, x)]
    gone = [
        difference_path(x)
        for x in differences
        if not x.path and x.change is ChangeType.REMOVED
        if any(document_names(x).is_path(text, ()) for text in choices.only)
    ]
    if gone:
        reason = (
            f"Only the target has {', '.join(gone)}. No migration deletes a document: "
            "delete it in the target."
        )
        raise InvalidPlan(reason)
    kinds = tuple(dict.fromkeys(difference.kind for difference in accepted))
    policy = Policy(update_strategy=UpdateStrategy.MERGE, merge=choices)
    selection = Selection(entity_types=kinds)
    return MigrationPlan(
        source=source, selection=selection, policy=policy, match_names=True
    )


def require_known_paths(
    choices: MergeChoices, differences: Sequence[Difference]
) -> None:
    """Refuse choices that name no difference: they would accept or leave nothing.

    Raises:
        InvalidPlan: The error names the paths, and the differences that there are.
    """
    unmatched = find_unmatched_paths(
        choices, ((document_names(x), property_path(x)) for x in differences)
    )
    if not unmatched:
        return
    known = [difference_path(difference) for difference in differences]
    shown = ", ".join(known[:_MAX_SHOWN])
    more = len(known) - _MAX_SHOWN
    there_are = f"The differences: {shown}" if known else "There is no difference"
    reason = (
        f"No difference has the path {', '.join(map(repr, unmatched))}. "
        f"{there_are}{f' and {more:,} more' if more > 0 else ''}."
    )
    raise InvalidPlan(reason)
