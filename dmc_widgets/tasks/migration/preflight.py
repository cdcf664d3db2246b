"""What has to be known, or allowed, before a migration writes anything.

What the target of a migration has by the name, but under another code.

That is looked at before anything is written: a consultant who learns of it halfway
has one half of a migration.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ...errors import InvalidPlan
from ...model.plan import MigrationPlan
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ...objects.comparison.differences import Deletion, find_deletions, find_differences
from ...objects.comparison.erc_matching import (
    NO_TRANSLATION,
    Documents,
    ErcTranslation,
    NameMatch,
    find_all_name_matches,
    match_by_name,
)
from ...objects.documents.change_set import DEFINITION, PICKLIST, Body
from ...objects.documents.definition_bodies import is_system_definition
from ...objects.names import ERC
from .selection import ResolvedSelection

_MAX_SHOWN: Final = 10
_MATCH_BY_NAME_HINT: Final = "Match by name (--match-names)"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedDocuments:
    """What is the same in source and target though its code is another one.

    Attributes:
        codes: Turn the source's documents into the target's.
        remarks: What the person should know.
    """

    codes: ErcTranslation = NO_TRANSLATION
    remarks: tuple[str, ...] = ()


def match_documents(
    source: Documents, target: Documents, selected: ResolvedSelection, *, by_name: bool
) -> MatchedDocuments:
    """Find what the target has by the name, but under another code.

    Args:
        source: What the source holds.
        target: What the target holds.
        selected: What moves.
        by_name: Take it as the same.

    Raises:
        InvalidPlan: Some of it would come beside its namesake, which no
            installation allows.
    """
    found = find_all_name_matches(source, target)
    if by_name:
        codes = match_by_name(source, target)
        return MatchedDocuments(codes=codes, remarks=_matched_by_name_notes(found))
    coming = [each for each in found if selected.brings(each.kind, each.source)]
    _refuse_clashes([each for each in coming if each.kind != PICKLIST])
    return MatchedDocuments(remarks=_duplicate_picklist_notes(coming))


def _refuse_clashes(clashes: Sequence[NameMatch]) -> None:
    if clashes:
        reason = (
            "The target has these names under other external reference codes: "
            f"{_format_namesakes(clashes)}. {_MATCH_BY_NAME_HINT} to take them as the "
            "same, or give both "
            "the same code first."
        )
        raise InvalidPlan(reason)


def _matched_by_name_notes(found: Sequence[NameMatch]) -> tuple[str, ...]:
    if not found:
        return ()
    return (f"Taken as the same by their names: {_format_namesakes(found)}.",)


def _duplicate_picklist_notes(picklists: Sequence[NameMatch]) -> tuple[str, ...]:
    if not picklists:
        return ()
    return (
        "The target has picklists of these names already, under other external "
        f"reference codes, and will have both: {_format_namesakes(picklists)}. "
        f"{_MATCH_BY_NAME_HINT} to take "
        "them as the same.",
    )


def _format_namesakes(found: Sequence[NameMatch]) -> str:
    told = [
        f"{each.kind} {each.name} ({each.source} in the source, {each.target} in the "
        "target)"
        for each in found[:_MAX_SHOWN]
    ]
    rest = len(found) - len(told)
    return ", ".join(told) + (f", and {rest} more" if rest else "")


def check_migration(
    plan: MigrationPlan, selected: ResolvedSelection, there: Documents, here: Documents
) -> MatchedDocuments:
    """Compare the documents of both sides, and refuse what nobody can want.

    Args:
        plan: What is to move, and what it may do.
        selected: The same, worked out.
        there: What the source holds.
        here: What the target holds.

    Raises:
        InvalidPlan: The target has names under other codes, or overwriting its
            definitions would delete values, and the plan does not allow it.
    """
    found = match_documents(there, here, selected, by_name=plan.match_names)
    lost = list(_find_losses(plan.policy, selected, there, here, found.codes))
    remarks = (
        *found.remarks,
        *_difference_warnings(selected, there, here, found.codes),
        *_deletion_warnings(plan, lost),
    )
    return replace(found, remarks=remarks)


def _deletion_warnings(plan: MigrationPlan, lost: Sequence[Deletion]) -> Iterator[str]:
    """Say what would go, or refuse a run that was not allowed to delete it."""
    if not lost:
        return
    told = (
        "Overwriting deletes what only the target has, with the values of its entries: "
        f"{'; '.join(map(_format_loss, lost))}."
    )
    if not (plan.dry_run or plan.allow_deletions):
        reason = (
            f"{told} Allow it (--allow-deletions), choose "
            f"{UpdateStrategy.PARTIAL_UPDATE.label!r}, or leave the definitions out."
        )
        raise InvalidPlan(reason)
    yield told


def _difference_warnings(
    selected: ResolvedSelection,
    there: Documents,
    here: Documents,
    codes: ErcTranslation,
) -> Iterator[str]:
    other = list(_differing_dependencies(selected, there, here, codes))
    if other:
        yield (
            "The target has these already, but not as the source has them; they are "
            f"only needed, so they stay as they are: {', '.join(other)}. dmc compare "
            "shows how they differ."
        )


def _find_losses(
    policy: Policy,
    selected: ResolvedSelection,
    there: Documents,
    here: Documents,
    codes: ErcTranslation,
) -> Iterator[Deletion]:
    if policy.import_strategy is ImportStrategy.INSERT:
        return
    if policy.update_strategy is not UpdateStrategy.UPDATE:
        return
    for part in selected.parts:
        kind = part.entity_type.name
        if not (part.is_entries or part.needed):  # what is needed never overwrites
            for body, other in _pairs(there[kind], here[kind], kind, codes):
                if not is_system_definition(body):
                    yield from find_deletions(kind, body, other)


def _differing_dependencies(
    selected: ResolvedSelection,
    there: Documents,
    here: Documents,
    codes: ErcTranslation,
) -> Iterator[str]:
    """Name needed definitions and picklists that the target has otherwise."""
    for part in selected.parts:
        kind = part.entity_type.name
        if kind not in {DEFINITION, PICKLIST} or not part.needed:
            continue
        for body, other in _pairs(there[kind], here[kind], kind, codes):
            is_needed = body[ERC] in selected.documents[part.entity_type.key]
            if is_needed and _differs(kind, body, other, codes):
                yield f"{kind} {body.get('name')}"


def _differs(kind: str, body: Body, other: Body, codes: ErcTranslation) -> bool:
    found = find_differences(kind, [codes.translated(kind, body)], [other])
    return next(found, None) is not None


def _pairs(
    there: Sequence[Body], here: Sequence[Body], kind: str, codes: ErcTranslation
) -> Iterator[tuple[Body, Body]]:
    """Yield what both sides have of a kind, the source's first."""
    known = {each[ERC]: each for each in here}
    for body in there:
        code = codes.of(kind, body[ERC])
        if code in known:
            yield body, known[code]


def _format_loss(loss: Deletion) -> str:
    return f"{loss.kind} {loss.name} ({loss.what} {', '.join(loss.names)})"
