"""What one item of a part changes: a field, an action, an entry of a picklist.

A part is added to its owner, or replaces the part that it matches there, and then the
rules of the owner decide as if the whole owner had been imported. So a part that would
break its definition is refused with the same text, and whatever a definition does to
others (the other side of a relationship, an empty picklist) a part does, too.

Liferay's batch engine adds parts and nothing else, relationships excepted. Here all
strategies hold, with the meaning that they have for definitions; and *Only Add New
Records* leaves an equal part as it is, so that a file may be imported twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from ...model.outcome import LEFT_OUT, Outcome, OutcomeKind, Problem
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..comparison.differences import element_identity, is_equivalent
from ..comparison.merging import accepts_part, merge_item, merge_part
from ..documents.change_set import (
    DEFINITION,
    Body,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)
from ..documents.definition_checks import duplicate_relationship_name
from ..documents.definition_fields import is_relationship
from ..documents.document_kind import (
    SERVER_SET,
    check_shape,
    convert_scalars,
    is_stored,
)
from ..documents.kinds import KINDS_BY_NAME, evaluate_document, normalize_item
from ..errors.document_problem_types import DocumentProblemType, NameProblemType
from ..fields.field_rules import is_true
from ..names import ERC, RESERVED_FIELD_NAMES, check_name, relationship_name
from ..replacement_tokens import check_tokens
from .part_items import default_language, join_key, part_label
from .part_kinds import (
    COMMON_PROPERTIES,
    FIELD,
    LAYOUT,
    PART_KINDS_BY_NAME,
    PICKLIST_ENTRY,
    RELATIONSHIP,
    PartKind,
)
from .system_parents import build_system_parent_field, is_system_parent

_REPLACE: Final = Policy(import_strategy=ImportStrategy.UPDATE)
_CHILD: Final = "objectDefinitionExternalReferenceCode2"
_KEPT: Final = (ERC, "name", "objectRelationshipExternalReferenceCode")
"""What a part keeps where its item says nothing of it."""

_TYPES_WITH_FIELDS: Final = frozenset({"oneToMany", "oneToOne"})


@runtime_checkable
class EquivalenceReader(Protocol):
    """What an installation holds, of one that adds something to what it is given."""

    def is_equivalent_to_stored(self, document: StoredDocument) -> bool:
        """Return True if a document is the stored one but for what was added."""
        ...


def _is_equal(known: DocumentReader, document: StoredDocument) -> bool:
    """Return True if a changed document says the same as the stored one."""
    if not isinstance(known, EquivalenceReader):
        return False
    return known.is_equivalent_to_stored(document)


def evaluate_item(
    kind: str,
    item: Mapping[str, Any],
    known: DocumentReader,
    policy: Policy,
    new_key: Callable[[], str],
) -> tuple[Outcome, DocumentChange | None]:
    """Decide what an item of a document, or of a part of one, comes to.

    Args:
        kind: The name of a kind of documents or of parts.
        item: The mapped item. It is not changed.
        known: What the installation holds.
        policy: The strategies: what to do with what exists or does not.
        new_key: Generates an external reference code for a document without one.

    Returns:
        The outcome, and what to store; None where the item failed.
    """
    if kind not in PART_KINDS_BY_NAME and not policy.merges:
        return evaluate_document(kind, item, known, policy, new_key)
    body = normalize_item(item)
    if isinstance(body, Problem):
        return Outcome(OutcomeKind.FAILED, "", body), None
    if kind not in PART_KINDS_BY_NAME:
        return _evaluate_merged(kind, body, known, policy, new_key)
    place = check_tokens(body) or find_place(
        PART_KINDS_BY_NAME[kind], body, known, policy
    )
    if isinstance(place, Problem):
        return Outcome(OutcomeKind.FAILED, "", place), None
    change = decide_part(place, known, policy)
    if isinstance(change, Problem):
        return Outcome(OutcomeKind.FAILED, place.key, change), None
    return Outcome(change.kind, change.key, note=change.note), change


def _evaluate_merged(
    kind: str,
    body: Body,
    known: DocumentReader,
    policy: Policy,
    new_key: Callable[[], str],
) -> tuple[Outcome, DocumentChange | None]:
    """Decide what an item comes to that is merged into the stored document."""
    merged = merge_item(kind, body, known, policy.merge)
    if merged is None:
        left = Outcome(OutcomeKind.UNCHANGED, str(body[ERC]), note=LEFT_OUT)
        return left, DocumentChange(left.kind, left.key, note=LEFT_OUT)
    overwriting = policy.with_update_strategy(UpdateStrategy.UPDATE)
    return evaluate_document(kind, merged, known, overwriting, new_key)


class PartPlace(NamedTuple):
    """A part that an item states, and its place in its owner.

    Attributes:
        kind: The kind of the part.
        owner: The owner, as it is stored.
        part: The part as the item states it, without what names the owner.
        position: The place of the part that it matches among those of the owner; None
            where it is new.
        parent: The code of the definition that the item names, if that is one of
            Liferay's own; otherwise empty.
    """

    kind: PartKind
    owner: StoredDocument
    part: Body
    position: int | None
    parent: str = ""

    @property
    def stored(self) -> Body | None:
        """The part that it matches; None where it is new."""
        if self.position is None:
            return None
        part: Body = self.owner.body[self.kind.array][self.position]
        return part

    @property
    def label(self) -> str:
        """The name of the part for people."""
        language = default_language(self.owner.body)
        return part_label(self.kind, self.part, language)

    @property
    def key(self) -> str:
        """The key of the part across owners."""
        label = relationship_name(self.label) if self.parent else self.label
        return join_key(self.parent or self.owner.erc, label)


def find_parent(kind: PartKind, item: Mapping[str, Any]) -> str:
    """Return the code of the owner that an item names; empty if it names none.

    In a Relationship field the alias names the other side.
    """
    names = [kind.parent, *kind.parent_aliases]
    if kind is FIELD and is_relationship(item):
        names = [kind.parent]
    return next((str(item[name]) for name in names if item.get(name)), "")


def find_place(
    kind: PartKind, item: Body, known: DocumentReader, policy: Policy
) -> PartPlace | Problem:
    """Return the place of the part that an item states.

    Args:
        kind: The kind of the part.
        item: The item, as :func:`.kinds.normalize_item` returns it.
        known: What the installation holds.
        policy: The strategies of the import.

    Returns:
        The place, or the problem of an item that is malformed or has no owner.
    """
    item = convert_scalars(item, kind.shape)
    problem = check_shape(item, kind.shape) or _check_reserved(kind, item)
    if problem:
        return problem
    parent = find_parent(kind, item)
    owner = _find_owner(kind, parent, item, known)
    if isinstance(owner, StoredDocument):
        return _place(kind, owner, _clean(kind, item), policy)
    if kind is RELATIONSHIP and is_system_parent(parent):
        return _place_system_parent(parent, item, known, policy)
    return owner


def decide_part(
    place: PartPlace, known: DocumentReader, policy: Policy
) -> DocumentChange | Problem:
    """Return what a part changes, or why it is refused."""
    problem = check_exists(place, policy) or check_default(place, policy)
    if problem:
        return problem
    if is_left_out(place, policy):
        return DocumentChange(OutcomeKind.UNCHANGED, place.key, note=LEFT_OUT)
    change = apply_to_owner(place, known, policy)
    if isinstance(change, Problem):
        return change
    # A new field changes nothing if its relationship is taken as it is.
    kind = OutcomeKind.CREATED if change.documents else OutcomeKind.UNCHANGED
    if place.stored is not None:
        # Installations do not show placeholders, so one may seem to be missing.
        is_same = all(x.is_placeholder or _is_equal(known, x) for x in change.documents)
        kind = OutcomeKind.UNCHANGED if is_same else OutcomeKind.UPDATED
        if not is_same and policy.import_strategy is ImportStrategy.INSERT:
            return report_duplicate(place)
    return DocumentChange(kind, place.key, change.documents, change.note)


def is_left_out(place: PartPlace, policy: Policy) -> bool:
    """Return True if a merge does not accept a part that its owner lacks."""
    if not policy.merges or place.position is not None:
        return False
    return not accepts_part(place.owner, _path(place.kind, place.part), policy.merge)


def _path(kind: PartKind, part: Body) -> tuple[str, str]:
    """Return the path of a part in a difference of its owner."""
    return kind.array, element_identity(part, kind.array) or ""


def check_exists(place: PartPlace, policy: Policy) -> Problem | None:
    """Refuse to update a part that does not exist."""
    adds = policy.import_strategy is not ImportStrategy.UPDATE
    if adds or place.position is not None:
        return None
    return DocumentProblemType.NO_SUCH_PART.problem(
        place.kind.key or "name",
        place.label,
        kind=place.kind.name,
        name=place.label,
        owner=place.owner.erc,
    )


def check_default(place: PartPlace, policy: Policy) -> Problem | None:
    """Refuse a second default layout or view of a definition."""
    parts = [*(place.owner.body.get(place.kind.array) or ())]
    if place.position is not None:
        del parts[place.position]
    return find_second_default(place.kind, [*parts, compose_part(place, policy)])


def find_second_default(
    kind: PartKind, parts: Iterable[Mapping[str, Any]]
) -> Problem | None:
    """Return the problem of parts with more than one default; None without it."""
    name = kind.default_flag
    if not name or sum(is_true(part.get(name)) for part in parts) < 2:
        return None
    noun = "layout" if kind is LAYOUT else "view"
    return DocumentProblemType.DEFAULT_PART.problem(name, True, noun=noun)


def _check_reserved(kind: PartKind, item: Body) -> Problem | None:
    """Refuse system fields, which an item of a whole definition may hold."""
    name = item.get("name")
    if kind is not FIELD or not name or name.lower() not in RESERVED_FIELD_NAMES:
        return None
    return NameProblemType.RESERVED.problem("name", name, name=name)


def _place_system_parent(
    parent: str, item: Body, known: DocumentReader, policy: Policy
) -> PartPlace | Problem:
    """Place the field that a relationship with one of Liferay's own objects makes."""
    problem = check_name(item.get("name"), "name", upper=False)
    kind = item.get("type")
    if problem is None and kind not in _TYPES_WITH_FIELDS:
        problem = DocumentProblemType.RELATIONSHIP_TYPE.problem(
            "type", str(kind), type=kind or "null"
        )
    if problem:
        return problem
    child = _find_owner(RELATIONSHIP, str(item.get(_CHILD) or ""), item, known)
    if isinstance(child, Problem):
        return child
    place = _place(FIELD, child, build_system_parent_field(parent, item), policy)
    return place._replace(parent=parent)


def _find_owner(
    kind: PartKind, parent: str, item: Body, known: DocumentReader
) -> StoredDocument | Problem:
    """Return the definition or picklist that a part belongs to."""
    if not parent:
        return _missing_parent(kind, item)
    owner = known.by_erc(kind.owner, parent)
    if owner is None or not is_stored(owner):
        return DocumentProblemType.NOT_FOUND.problem(
            kind.parent, parent, kind=kind.owner, erc=parent
        )
    return owner


def _missing_parent(kind: PartKind, item: Body) -> Problem:
    """Report a part that names no owner, or names it by an id alone."""
    owner = KINDS_BY_NAME[kind.owner].noun
    cause = (
        f"The record names no {owner}: state {kind.parent}, or externalReferenceCode "
        "in the parameters of the file."
    )
    for name in kind.parent_ids:
        if item.get(name):
            cause = (
                f"{name} {item[name]} is an id, and ids do not travel between "
                f"installations. State {kind.parent}."
            )
    names = f"{kind.parent_ids[-1]}, externalReferenceCode"
    problem_type = DocumentProblemType.PARENT_MISSING
    return problem_type.problem(kind.parent, cause=cause, parameters=names)


def _clean(kind: PartKind, item: Body) -> Body:
    """Return the part that an item states, without what only an installation sets."""
    dropped = SERVER_SET | {"x-class-name"} | kind.parent_properties
    dropped |= kind.server_set | COMMON_PROPERTIES
    if kind is FIELD and is_relationship(item):  # there it names the other side
        dropped -= frozenset(kind.parent_aliases)
    return {
        name: value
        for name, value in item.items()
        if value is not None and name not in dropped
    }


def _place(
    kind: PartKind, owner: StoredDocument, part: Body, policy: Policy
) -> PartPlace:
    """Find the part of the owner that an item means."""
    stored = owner.body.get(kind.array) or ()
    match = _match_by_code(kind, stored, part)
    if match is None:
        match = _match_by_label(kind, owner, part, policy)
    positions = (n for n, other in enumerate(stored) if other is match)
    return PartPlace(kind, owner, part, next(positions, None))


def _match_by_code(kind: PartKind, stored: Sequence[Body], part: Body) -> Body | None:
    """Find a part by its code, as Liferay does; fields and entries have other keys."""
    code = part.get(ERC)
    if not code or kind in (FIELD, PICKLIST_ENTRY):
        return None
    return next((other for other in stored if other.get(ERC) == code), None)


def _match_by_label(
    kind: PartKind, owner: StoredDocument, part: Body, policy: Policy
) -> Body | None:
    """Find a part by its name.

    Layouts, rules and views may share a name. So a new one is added unless there is
    one that is equal, and an equal one is preferred to another of the same name.
    """
    language = default_language(owner.body)
    label = part_label(kind, part, language)
    stored = owner.body.get(kind.array) or ()
    same = [x for x in stored if part_label(kind, x, language) == label]
    if kind.has_unique_names:
        return same[0] if same else None
    composed = ((x, _compose(kind, owner, x, part, policy)) for x in same)
    equal = next((x for x, new in composed if is_equivalent(new, x)), None)
    if equal is not None or policy.import_strategy is ImportStrategy.INSERT:
        return equal
    code = part.get(ERC)
    free = (x for x in same if not (code and x.get(ERC)))
    return next(free, None) or _match_default(kind, stored, part)


def _match_default(kind: PartKind, stored: Sequence[Body], part: Body) -> Body | None:
    """Find the default layout or view: there is one, so a new one takes its place."""
    name = kind.default_flag
    if not name or not is_true(part.get(name)):
        return None
    return next((other for other in stored if is_true(other.get(name))), None)


def _compose(
    kind: PartKind,
    owner: StoredDocument,
    stored: Body | None,
    part: Body,
    policy: Policy,
) -> Body:
    """Return a part after an item: added, replaced, merged, or with single changes."""
    if stored is None:
        return part
    if policy.merges:
        return merge_part(owner, _path(kind, stored), part, stored, policy.merge)
    if policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE:
        return stored | part
    kept = {name: stored[name] for name in _KEPT if name in stored}
    if kind is RELATIONSHIP:  # a relationship keeps its name
        return kept | part | {"name": stored["name"]}
    return kept | part


def compose_part(place: PartPlace, policy: Policy) -> Body:
    """Return the part as it would be stored: added, replaced, or changed in places."""
    return _compose(place.kind, place.owner, place.stored, place.part, policy)


def apply_to_owner(
    place: PartPlace, known: DocumentReader, policy: Policy
) -> DocumentChange | Problem:
    """Let the rules of the owner decide on the owner with the part."""
    kind, owner = place.kind, place.owner
    parts = [*(owner.body.get(kind.array) or ())]
    composed = compose_part(place, policy)
    if place.position is None:
        parts.append(composed)
    else:
        parts[place.position] = composed
    whole = owner.body | {kind.array: parts}
    if owner.kind == DEFINITION:
        whole |= {"status": {"code": owner.status}}
    outcome, change = evaluate_document(
        owner.kind, whole, known, _REPLACE, lambda: owner.erc
    )
    if change is not None:
        return change
    problem = outcome.problem or DocumentProblemType.NOT_FOUND.problem()
    return replace(problem, field=_own_field(place, problem.field))


def _own_field(place: PartPlace, path: str) -> str:
    """Return the property of a part in a path of its owner: ``objectFields.a.label``.

    A path that names the part itself means its name.
    """
    array, _, inner = path.partition(".")
    if array.partition("[")[0] != place.kind.array:
        return path
    name, _, rest = inner.partition(".")
    own = name if name in place.kind.properties else rest
    return own or place.kind.key or "name"


def report_duplicate(place: PartPlace) -> Problem:
    """Report that a part exists already and differs, in Liferay's words."""
    return describe_duplicate(place.kind, place.part, place.owner.name)


def describe_duplicate(kind: PartKind, part: Mapping[str, Any], owner: str) -> Problem:
    """Return the problem of a part whose name, key or code is in use.

    Args:
        kind: The kind of the part.
        part: The part.
        owner: The name of the definition or picklist.
    """
    if not kind.has_unique_names:
        code = part.get(ERC)
        duplicate = NameProblemType.ENTRY_CODE_DUPLICATE
        return duplicate.problem(ERC, code, erc=code)
    label = str(part.get(kind.key or "name"))
    if kind is RELATIONSHIP:
        return duplicate_relationship_name(label, owner)
    if kind is PICKLIST_ENTRY:
        return NameProblemType.KEY_DUPLICATE.problem("key", label, key=label)
    return NameProblemType.DUPLICATE.problem("name", label, name=label)
