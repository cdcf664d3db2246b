"""Derive an import plan from its file, and check a plan before an import starts.

The command line, the forms, packages and Python all use this check, for imports and for
previews, so that a plan is refused everywhere for the same reasons and in the same
words.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from ...errors import InvalidPlan, NotSupported
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.field_mapping import ABSENT, FieldMapping
from ...model.mapping import Mapping, Values
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...model.preview import PlanCheck
from ...model.strategies import ImportStrategy
from ...objects.comparison.differences import Deletion
from ...objects.documents.kinds import KINDS_BY_CLASS
from ...objects.entries.system_properties import has_site_scope, site_key
from ...objects.names import ERC
from ...objects.parts.part_kinds import PART_KINDS_BY_CLASS
from ...objects.replacement_tokens import format_token_warning
from ...ports import Installation
from ..deletions import format_deletions, refused_deletions
from ..installation_access import find_entity_type
from ..item_losses import find_losses
from ..site_checks import file_site_warning, other_sites_warning
from .deletion_guard import DeletionFinder
from .duplicate_codes import check_codes_of_file
from .emptied_fields import emptied_fields_warning
from .expressions import compile_expression, required_fields
from .file_head import TABLE_FORMATS, FileFields, FileHead
from .import_task import ignored_fields, ignored_fields_message
from .mapping_suggestions import fold_name
from .offered_strategies import require_strategies
from .parent_lookups import require_lookups
from .part_parents import stated_parent_pairs
from .record_matching import require_match_fields

_SUPPORTED_CLASSES: Final = (*KINDS_BY_CLASS, *PART_KINDS_BY_CLASS, OBJECT_ENTRY)
_MOVED: Final = "Object definitions, picklists, their parts, folders and entries are."
_MAX_NAMES: Final = 20
_SIMILARITY_CUTOFF: Final = 60  # percent
_STATUS: Final = "status"
"""A column of that name, in any case, is seldom the status of Liferay's workflow."""


def check_import(
    installation: Installation,
    plan: ImportPlan,
    entity_types: Sequence[EntityType],
    head: FileHead,
    *,
    site_problem: str = "",
) -> PlanCheck:
    """Check what can be known of an import before it starts.

    Args:
        installation: The target; it is asked for entries that would lose values.
        plan: The plan to check.
        entity_types: The entity types of the target.
        head: The head of the file that the plan is for.
        site_problem: Why the plan's site cannot be used; see
            :func:`~dmc_widgets.tasks.site_checks.site_problem`.

    Returns:
        The problems that keep the import from starting, and warnings.

    Raises:
        UnknownName: The target has no such entity type.
        NotSupported: The target does not offer a strategy of the plan.
        InvalidPlan: An expression is malformed, or a lookup is impossible.
    """
    entity_type = find_entity_type(entity_types, plan.entity_type)
    require_strategies(plan, entity_type)
    problems = plan.mapping.unknown_targets(entity_type)
    if problems:
        return PlanCheck(problems, head.warnings)
    if site_problem:
        return PlanCheck((site_problem,), head.warnings)
    plan.mapping.compile(entity_type, compile_expression)
    require_lookups(plan, entity_type, entity_types)
    require_match_fields(plan, entity_type)
    check = _FieldCheck(plan, entity_type, head).result()
    if check.problems or head.is_empty:
        return check
    emptied = emptied_fields_warning(installation, plan, entity_type, head)
    lost = _loss_warnings(installation, plan, entity_type, head)
    warnings = (*check.warnings, *filter(None, [emptied]), *lost)
    deletions = _deletions(installation, plan, entity_type, head)
    if deletions and not (plan.allow_deletions or plan.dry_run):
        refused = (refused_deletions(deletions),)
        return replace(check, warnings=warnings, deletions=refused)
    if deletions:
        warnings = (*warnings, format_deletions(deletions))
    return replace(check, warnings=warnings)


def _deletions(
    installation: Installation,
    plan: ImportPlan,
    entity_type: EntityType,
    head: FileHead,
) -> list[Deletion]:
    """Return what the first records remove from stored documents, with numbers."""
    finder = DeletionFinder(installation, plan, entity_type)
    if not finder.is_needed:
        return []
    made = map_head_records(plan, entity_type, head)
    deletions = [x for found in finder.find(made) for x in found]
    return finder.count(deletions) if deletions else []


def map_head_records(
    plan: ImportPlan, entity_type: EntityType, head: FileHead
) -> list[Values | Problem]:
    """Return what the mapping makes of the first records of a file."""
    make = plan.mapping.compile(entity_type, compile_expression)
    return [make(record) for record in head.records]


def _loss_warnings(
    installation: Installation,
    plan: ImportPlan,
    entity_type: EntityType,
    head: FileHead,
) -> list[str]:
    """Return what the target does not know of the documents in a file's head."""
    if entity_type.class_name == OBJECT_ENTRY:
        return []
    made = map_head_records(plan, entity_type, head)
    items = (item for item in made if not isinstance(item, Problem))
    return find_losses(entity_type, items, installation)


class _FieldCheck:
    """The check of a mapping against the fields of the file."""

    def __init__(
        self, plan: ImportPlan, entity_type: EntityType, head: FileHead
    ) -> None:
        self._plan = plan
        self._mapping = plan.mapping
        self._entity_type = entity_type
        self._head = head
        self._file = FileFields(head)

    def result(self) -> PlanCheck:
        """Return all problems and warnings."""
        if self._file.is_empty:
            return PlanCheck((empty_file_message(self._head),), self._head.warnings)
        if not self._file.is_readable:  # every record fails, and the task reports why
            return PlanCheck((), self._head.warnings)
        problems = [
            *self._missing_sources(),
            *self._unfilled_required_fields(),
            *self._misspelt_fields(),
            *self._unfilled_key_fields(),
        ]
        warnings = (*self._head.warnings, *self._warnings(), *self._site_warnings())
        return PlanCheck(tuple(problems), warnings)

    def _site_warnings(self) -> Iterable[str]:
        """Yield warnings where file or records name another site than the import."""
        stated = self._head.configuration
        if stated is not None:
            warning = file_site_warning(self._plan, self._entity_type, stated.site)
            yield from filter(None, [warning])
        warning = other_sites_warning(self._plan.scope, self._head.records)
        yield from filter(None, [warning])

    def _missing_sources(self) -> Iterable[str]:
        """Yield a message for each field that the mapping takes and the file lacks."""
        required = {
            pair.target: _required_sources(pair) for pair in self._mapping.pairs
        }
        sources = dict.fromkeys(x for names in required.values() for x in names)
        missing = self._file.missing(sources)
        for name in missing:
            targets = [target for target, names in required.items() if name in names]
            yield self._missing_source_message(name, targets)

    def _missing_source_message(self, name: str, targets: Sequence[str]) -> str:
        file = self._file
        noun = "column" if file.is_table else "field"
        known = sort_by_similarity(name, file.sources)
        return (
            f"{file.extent} has no {noun} {name!r}, from which the mapping fills "
            f"{_quote_names(targets)}. Its {noun}s: {_quote_names(known)}. "
            "Correct the name; where the field may be missing, give it if_missing."
        )

    def _unfilled_required_fields(self) -> Iterable[str]:
        """Yield a message that names the required fields which nothing fills."""
        file = self._file
        file.read_until(lambda: not self._required_field_messages())
        messages = self._required_field_messages()
        if not messages or self._has_drafts():
            return
        filled = self._mapping.filled(self._entity_type, file.fields)
        if filled and not file.is_complete and self._mapping.same_names:
            return  # a later record may have the field; one without it fails
        noun = "columns" if file.is_table else "fields"
        sentences = [
            *messages,
            f"The {noun} of {file.name}: {_quote_names(file.sources)}.",
        ]
        if not filled:
            sentences += self._no_match_messages()
        yield " ".join(sentences)

    def _no_match_messages(self) -> Iterable[str]:
        """Yield that no name matches, and what may help."""
        if self._near_misses():
            return  # they have messages of their own
        yield f"None of them has the name of a field of {self._entity_type.name}."
        if self._file.is_table and self._head.options.headers:
            yield (
                "If the names of the columns stand further down, skip the lines above "
                "them."
            )

    def _required_field_messages(self) -> tuple[str, ...]:
        return self._mapping.problems(
            self._entity_type, self._file.fields, self._plan.policy
        )

    def _has_drafts(self) -> bool:
        """Return True if the file holds drafts, which may lack required values."""
        if self._entity_type.class_name != OBJECT_ENTRY:
            return False
        pairs = [x for x in self._mapping.pairs if x.target == _STATUS]
        if not pairs and self._mapping.same_names:
            pairs = [FieldMapping(_STATUS, _STATUS)]
        make = Mapping(tuple(pairs)).compile(self._entity_type, compile_expression)
        made = (make(record) for record in self._head.records)
        return any(
            _is_draft(x.get(_STATUS)) for x in made if not isinstance(x, Problem)
        )

    def _near_misses(self) -> list[tuple[str, str]]:
        return near_misses(self._mapping, self._entity_type, self._file.fields)

    def _misspelt_fields(self) -> Iterable[str]:
        """Yield a message that names fields of almost the same name as a target's."""
        pairs = self._near_misses()
        if not pairs:
            return
        file, target = self._file.name, self._entity_type.name
        sources, fields = (_quote_names(names) for names in zip(*pairs, strict=True))
        if len(pairs) == 1:
            yield (
                f"{sources} of {file} would be left out, and {target} has a field "
                f"{fields}, which nothing fills. Correct the name in the file, or map "
                "the field."
            )
        else:
            yield (
                f"{sources} of {file} would be left out, and {target} has the fields "
                f"{fields}, which nothing fills. Correct the names in the file, or map "
                "the fields."
            )

    def _unfilled_key_fields(self) -> Iterable[str]:
        """Yield a message for each field that identifies records and has no source."""
        filled = self._mapping.filled(self._entity_type, self._file.fields)
        if self._mapping.same_names and not self._file.is_complete:
            return  # a later record may have the field; one without it fails
        for name in self._mapping.match:
            if name not in filled:
                yield (
                    f"Records are matched by {name!r}, which nothing fills. Map a "
                    "field to it, or match them by another."
                )

    def _warnings(self) -> Iterable[str]:
        yield from check_codes_of_file(self._mapping, self._entity_type, self._head)
        if self._entity_type.class_name == OBJECT_ENTRY:  # documents are refused
            warning = format_token_warning(self._head.name, self._head.records)
            if warning:
                yield warning
        misspelt = {source for source, _target in self._near_misses()}
        ignored = [
            name
            for name in ignored_fields(
                self._mapping, self._entity_type, self._file.fields
            )
            if name not in misspelt
        ]
        if ignored:
            yield ignored_fields_message(self._entity_type, ignored)
        filled = self._mapping.filled(self._entity_type, self._file.fields)
        yield from echoed_parent_warnings(self._entity_type, self._file.fields, filled)
        adds = self._plan.policy.import_strategy is not ImportStrategy.UPDATE
        matches = bool(self._mapping.match)
        if adds and not matches and ERC in self._file.fields and ERC not in filled:
            yield (
                f"The mapping leaves {ERC} out, so every record is added as a new "
                "one, and added again when the file is imported again."
            )


def echoed_parent_warnings(
    entity_type: EntityType, fields: Iterable[str], filled: Container[str]
) -> Iterator[str]:
    """Warn of fields that name parents and link nothing, such as ``ownerERC``.

    Liferay writes the code of a parent into two fields and reads only one of them, so a
    file with the other field alone would lose its links silently.
    """
    names = set(fields)
    for field in entity_type.fields:
        if not (field.custom and field.read_only) or field.name not in names:
            continue
        group = field.name.removesuffix("ERC")
        members = [x for x in entity_type.fields if x.any_of_group == group]
        codes = [x.name for x in members if x.type == "string" and x.name != field.name]
        if codes and not any(x.name in filled for x in members):
            yield (
                f"{field.name!r} names parents, but no import reads it: nothing is "
                f"linked. Map it to {codes[0]!r}."
            )


def empty_file_message(head: FileHead) -> str:
    """Return that a file has no record, and what its only line was taken for."""
    names = FileFields(head).sources
    if not names or head.format not in TABLE_FORMATS:
        return f"{head.name} holds no record."
    return (
        f"{head.name} holds no record: its only line with a value was taken for the "
        f"names of the columns, {_quote_names(names)}. If that is a record, say that "
        "the file has no headers."
    )


def near_misses(
    mapping: Mapping, entity_type: EntityType, fields: Iterable[str]
) -> list[tuple[str, str]]:
    """Pair fields that are left out with unfilled fields of almost the same name.

    The names differ only in case, accents and punctuation. Only a mapping by same names
    leaves fields out without asking.
    """
    names = list(fields)
    filled = mapping.filled(entity_type, names)
    groups = {
        field.any_of_group
        for field in entity_type.import_fields
        if field.name in filled
    }
    free = {
        spelling: field.name
        for field in entity_type.import_fields
        if field.name not in filled
        and field.name != _STATUS
        and (not field.any_of_group or field.any_of_group not in groups)
        for spelling in fold_name(field.name)
    }
    pairs = []
    for name in ignored_fields(mapping, entity_type, names):
        target = next((free[x] for x in fold_name(name) if x in free), None)
        if target is not None:
            pairs.append((name, target))
    return pairs


def sort_by_similarity(name: str, names: Iterable[str]) -> list[str]:
    """Return *names* with those first that are similar to *name*."""
    from rapidfuzz.fuzz import ratio  # only refusals need it

    folded = name.casefold()
    scores = {known: ratio(folded, known.casefold()) for known in names}
    similar = sorted(
        (known for known in scores if scores[known] >= _SIMILARITY_CUTOFF),
        key=lambda known: -scores[known],
    )
    return [*similar, *(known for known in scores if known not in similar)]


def _required_sources(pair: FieldMapping) -> frozenset[str]:
    """Return the fields without which a pair cannot be filled."""
    if pair.expression:
        return required_fields(pair.expression, pair.target)
    if not pair.has_source or pair.if_missing is not ABSENT:
        return frozenset()
    return frozenset({pair.source})


def _is_draft(status: object) -> bool:
    if isinstance(status, dict):
        return any(
            _is_draft(value) for value in (status.get("code"), status.get("label"))
        )
    return str(status).casefold() in {"2", "draft"}


def _quote_names(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:_MAX_NAMES]))
    more = len(names) - _MAX_NAMES
    return f"{shown} and {more:,} more" if more > 0 else shown


def is_supported_class(class_name: str) -> bool:
    """Return True if items of a class can be imported."""
    return class_name in _SUPPORTED_CLASSES


def unsupported_class(class_name: str) -> NotSupported:
    """Return the error that items of a class do not move."""
    return NotSupported(
        what=f"Items of the class {class_name} are not moved.",
        instead=_MOVED,
    )


def plan_from_file(
    entity_types: Sequence[EntityType], head: FileHead, entity: str | None = None
) -> ImportPlan:
    """Return a plan from a file's own configuration, or one with defaults.

    Fields fill those of the same name, unless the file's configuration maps them.

    Args:
        entity_types: The entity types of the target.
        head: The head of the file.
        entity: The entity type of the records, in place of the class that the file
            states.

    Raises:
        NotSupported: The file states a class that cannot be imported.
        InvalidPlan: Neither the file nor *entity* states the entity type.
        UnknownName: The target has no such entity type.
    """
    stated = head.configuration
    if entity is None and stated is None:
        reason = f"{head.name} does not say what it holds. Name its entity type."
        raise InvalidPlan(reason)
    if stated is None or (entity is not None and not stated.class_name):
        return ImportPlan(entity_type=find_entity_type(entity_types, entity or "").key)
    if entity is None and not is_supported_class(stated.class_name):
        raise unsupported_class(stated.class_name)
    pairs = tuple(
        FieldMapping(source, target) for source, target in stated.field_mapping.items()
    )
    entity_type = find_entity_type(entity_types, entity or stated.key)
    mapping = Mapping(pairs, same_names=not pairs)
    return ImportPlan(
        entity_type=entity_type.key,
        mapping=mapping.with_pairs(stated_parent_pairs(entity_type, stated)),
        policy=stated.policy,
        scope=site_key(stated.site) if has_site_scope(entity_type) else "",
    )
