"""Checks before a migration writes anything.

Source and target are compared: documents of the same name under different external
reference codes, definitions that overwriting would take values from, and dependencies
that differ. A consultant who learns of that halfway has half of a migration.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from ...errors import InvalidPlan
from ...model.merge_choices import MergeChoices
from ...model.plan import MigrationPlan
from ...model.strategies import Policy, UpdateStrategy
from ...objects.comparison.differences import Deletion, find_differences
from ...objects.comparison.erc_matching import (
    NO_TRANSLATION,
    Documents,
    ErcTranslation,
    NameMatch,
    find_all_name_matches,
    match_by_name,
)
from ...objects.documents.change_set import DEFINITION, Body
from ...objects.documents.definition_bodies import is_system_definition
from ...objects.documents.kinds import KINDS_BY_NAME, parse_stored_document
from ...objects.names import ERC
from ...ports import Installation
from ..deletions import (
    ALLOW_HINT,
    ValueCounter,
    document_deletions,
    format_deletions,
    may_delete,
)
from ..matching.entry_matches import require_match_keys
from ..merge_paths import require_known_paths
from .emptied_values import EmptiedField, find_emptied_fields, format_emptied_fields
from .selection import ResolvedSelection

_MAX_SHOWN: Final = 10
_MATCH_BY_NAME_HINT: Final = "Match by name (--match-names)"


class SideOfMigration(NamedTuple):
    """The source or the target of a migration.

    Attributes:
        installation: The installation; it is only read.
        documents: Its definitions, picklists and folders.
    """

    installation: Installation
    documents: Documents


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedDocuments:
    """Documents of source and target that are the same under different codes.

    Attributes:
        codes: Translates codes of the source into those of the target.
        notes: What a person should know before the migration.
    """

    codes: ErcTranslation = NO_TRANSLATION
    notes: tuple[str, ...] = ()


def match_documents(
    source: Documents, target: Documents, selected: ResolvedSelection, *, by_name: bool
) -> MatchedDocuments:
    """Find documents that the target has by name, but under another code.

    Args:
        source: The documents of the source.
        target: The documents of the target.
        selected: What moves.
        by_name: Take documents of the same name as the same.

    Raises:
        InvalidPlan: A document would be added beside one of the same name, which no
            installation allows.
    """
    matches = find_all_name_matches(source, target)
    if by_name:
        codes = match_by_name(source, target)
        return MatchedDocuments(codes=codes, notes=_matched_by_name_notes(matches))
    moving = [match for match in matches if selected.brings(match.kind, match.source)]
    _refuse_clashes(
        [match for match in moving if KINDS_BY_NAME[match.kind].has_unique_names]
    )
    return MatchedDocuments(notes=_duplicate_picklist_notes(moving))


def _refuse_clashes(clashes: Sequence[NameMatch]) -> None:
    if clashes:
        reason = (
            "The target has these names under other external reference codes: "
            f"{_format_matches(clashes)}. {_MATCH_BY_NAME_HINT} to take them as the "
            "same, or give both the same code first."
        )
        raise InvalidPlan(reason)


def _matched_by_name_notes(matches: Sequence[NameMatch]) -> tuple[str, ...]:
    if not matches:
        return ()
    return (f"Taken as the same by their names: {_format_matches(matches)}.",)


def _duplicate_picklist_notes(picklists: Sequence[NameMatch]) -> tuple[str, ...]:
    if not picklists:
        return ()
    return (
        "The target has picklists of these names already, under other external "
        f"reference codes, and will have both: {_format_matches(picklists)}. "
        f"{_MATCH_BY_NAME_HINT} to take them as the same.",
    )


def _format_matches(matches: Sequence[NameMatch]) -> str:
    texts = [
        f"{match.kind} {match.name} ({match.source} in the source, {match.target} in "
        "the target)"
        for match in matches[:_MAX_SHOWN]
    ]
    rest = len(matches) - len(texts)
    return ", ".join(texts) + (f", and {rest} more" if rest else "")


def check_migration(
    plan: MigrationPlan,
    selected: ResolvedSelection,
    source: SideOfMigration,
    target: SideOfMigration,
) -> MatchedDocuments:
    """Compare the documents of source and target before a migration starts.

    Args:
        plan: The plan of the migration.
        selected: What the plan's selection comes to.
        source: The source and its documents.
        target: The target and its documents.

    Raises:
        InstallationError: One of the installations does not answer.
        InvalidPlan: The target has names under other codes, or overwriting its
            definitions and entries would delete values, and the plan does not allow it.
            Or a path of a merge names no difference.
    """
    if plan.match:
        types = source.installation.entity_types(), target.installation.entity_types()
        require_match_keys(plan.match, *types)
    documents = source.documents, target.documents
    matched = match_documents(*documents, selected, by_name=plan.match_names)
    codes = matched.codes
    if plan.policy.merge:
        require_matched_paths(plan.policy.merge, selected, *documents, codes)
    deletions = list(_find_deletions(plan.policy, selected, *documents, codes))
    if deletions:
        counter = ValueCounter(target.installation, target.documents[DEFINITION])
        deletions = counter.count_all(deletions)
    emptied = find_emptied_fields(
        plan, selected, source.installation, target.installation
    )
    gone = {(x.name, name) for x in deletions for name in x.names}
    emptied = [x for x in emptied if (x.definition, x.field) not in gone]
    notes = (
        *matched.notes,
        *_difference_notes(selected, *documents, codes),
        *_loss_notes(plan, deletions, emptied),
    )
    return replace(matched, notes=notes)


def require_matched_paths(
    choices: MergeChoices,
    selected: ResolvedSelection,
    source: Documents,
    target: Documents,
    codes: ErcTranslation,
) -> None:
    """Refuse choices of a merge that name no difference of what moves.

    Raises:
        InvalidPlan: The error names the paths, and some differences that there are.
    """
    kinds = {x.entity_type.name for x in selected.parts if not x.is_entries}
    differences = [
        difference
        for kind in source
        if kind in kinds
        for difference in find_differences(kind, source[kind], target[kind], codes)
    ]
    require_known_paths(choices, differences)


def _loss_notes(
    plan: MigrationPlan, deletions: Sequence[Deletion], emptied: Sequence[EmptiedField]
) -> Iterator[str]:
    """Yield what would be lost, or refuse a run that may not delete it."""
    sentences = []
    if deletions:
        sentences.append(format_deletions(deletions))
    if emptied:
        sentences.append(format_emptied_fields(emptied))
    if sentences and not (plan.dry_run or plan.allow_deletions):
        what = "it" if deletions else "the values"
        reason = (
            f"{' '.join(sentences)} {ALLOW_HINT}, choose "
            f"{UpdateStrategy.MERGE.label!r} to keep {what}, or leave "
            f"{'the documents' if deletions else 'the entries'} out."
        )
        raise InvalidPlan(reason)
    yield from sentences


def _difference_notes(
    selected: ResolvedSelection,
    source: Documents,
    target: Documents,
    codes: ErcTranslation,
) -> Iterator[str]:
    differing = list(_differing_dependencies(selected, source, target, codes))
    if differing:
        yield (
            "The target has these already, but not as the source has them; they are "
            f"only needed, so they stay as they are: {', '.join(differing)}. dmc "
            "compare "
            "shows how they differ."
        )


def _find_deletions(
    policy: Policy,
    selected: ResolvedSelection,
    source: Documents,
    target: Documents,
    codes: ErcTranslation,
) -> Iterator[Deletion]:
    if not may_delete(policy):
        return
    choices = policy.merge if policy.merges else None
    for part in selected.parts:
        kind = part.entity_type.name
        if not (
            part.is_entries or part.is_dependency
        ):  # dependencies are never overwritten
            for body, other in _pairs(source[kind], target[kind], kind, codes):
                if not is_system_definition(body):
                    stored = parse_stored_document(kind, other)
                    item = codes.translate(kind, body)
                    yield from document_deletions(kind, item, stored, choices)


def _differing_dependencies(
    selected: ResolvedSelection,
    source: Documents,
    target: Documents,
    codes: ErcTranslation,
) -> Iterator[str]:
    """Yield definitions and picklists that differ in the target and are only needed."""
    for part in selected.parts:
        kind = part.entity_type.name
        document_kind = KINDS_BY_NAME.get(kind)
        has_values = document_kind is not None and document_kind.part_lists
        if not has_values or not part.is_dependency:
            continue
        for body, other in _pairs(source[kind], target[kind], kind, codes):
            is_required = body[ERC] in selected.required_documents[part.entity_type.key]
            if is_required and _differs(kind, body, other, codes):
                yield f"{kind} {body.get('name')}"


def _differs(kind: str, body: Body, other: Body, codes: ErcTranslation) -> bool:
    differences = find_differences(kind, [codes.translate(kind, body)], [other])
    return next(differences, None) is not None


def _pairs(
    source: Sequence[Body], target: Sequence[Body], kind: str, codes: ErcTranslation
) -> Iterator[tuple[Body, Body]]:
    """Yield the documents of a kind that both sides have, the source's first."""
    known = {body[ERC]: body for body in target}
    for body in source:
        code = codes.of(kind, body[ERC])
        if code in known:
            yield body, known[code]
