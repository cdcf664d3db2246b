"""Paths of differences, and the choices of a merge that accept some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ...model.merge_choices import DocumentNames, MergeChoices
from .differences import ChangeType, Difference


def difference_path(difference: Difference) -> str:
    """Return the path by which a merge names a difference.

    >>> difference_path(difference)
    'ObjectDefinition:Customer.objectFields.vatNumber'
    """
    document = f"{difference.kind}:{difference.name}"
    return f"{document}.{difference.path}" if difference.path else document


def document_names(difference: Difference) -> DocumentNames:
    """Return the names of the document that differs."""
    return DocumentNames(difference.kind, (difference.name, difference.key))


def property_path(difference: Difference) -> tuple[str, ...]:
    """Return the path of a difference within its document."""
    return (difference.path,) if difference.path else ()


def is_accepted(choices: MergeChoices, difference: Difference) -> bool:
    """Return True if a merge with these choices makes the target like the source."""
    return choices.accepts(
        document_names(difference),
        property_path(difference),
        is_removal=difference.change is ChangeType.REMOVED,
    )


def accepted_paths(
    choices: MergeChoices, differences: Iterable[Difference]
) -> tuple[str, ...]:
    """Return the paths of the differences that a merge accepts."""
    return tuple(
        difference_path(difference)
        for difference in differences
        if is_accepted(choices, difference)
    )


def choose_paths(
    differences: Collection[Difference], accepted: Collection[str]
) -> MergeChoices:
    """Return the choices that accept the paths in *accepted* and leave all others.

    What is new in both is accepted, unless something goes: then nothing but what is
    named comes or goes.
    """
    paths = {difference_path(x): x.change for x in differences}
    chosen = tuple(path for path in paths if path in accepted)
    left = tuple(
        path
        for path, change in paths.items()
        if path not in accepted and change is not ChangeType.REMOVED
    )
    if any(paths[path] is ChangeType.REMOVED for path in chosen) or not chosen:
        return MergeChoices(chosen, left)
    return MergeChoices((), left)
