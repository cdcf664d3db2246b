"""The paths of a merge: refused where they name no difference that there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..errors import InvalidPlan
from ..model.merge_choices import DocumentNames, MergeChoices
from ..objects.comparison.differences import Difference
from ..objects.comparison.merging import find_unmatched_paths

_MAX_SHOWN: Final = 10


def difference_path(difference: Difference) -> str:
    """Return the path by which a merge names a difference.

    >>> difference_path(difference)
    'ObjectDefinition:Customer.objectFields.vatNumber'
    """
    document = f"{difference.kind}:{difference.name}"
    return f"{document}.{difference.path}" if difference.path else document


def require_known_paths(
    choices: MergeChoices, differences: Sequence[Difference]
) -> None:
    """Refuse choices that name no difference: they would accept or leave nothing.

    Raises:
        InvalidPlan: The error names the paths, and the differences that there are.
    """
    unmatched = find_unmatched_paths(
        choices,
        (
            (
                DocumentNames(difference.kind, (difference.name, difference.key)),
                (difference.path,) if difference.path else (),
            )
            for difference in differences
        ),
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
