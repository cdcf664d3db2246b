"""The rules of one definition's entries, compiled, and the first look at an item.

An item is judged in two steps, so that a batch costs one look-up a kind and not
one a record: :meth:`EntryRules.check` judges what can be judged from the item
alone; :class:`~.entry_decisions.Decider` judges the rest against what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.entity_type import ChildRelationship
from ...model.outcome import OTHER_TRANSLATION, Problem
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import (
    invalid_value,
)
from ..fields.aggregation import Aggregation
from ..fields.attachment import AttachmentRules
from ..fields.auto_increment import AutoIncrement
from ..fields.encrypted import Sealer, Vault
from ..fields.field_rules import Check, FieldRules
from ..fields.localized import LocalizedField
from ..fields.many_to_many import EntryKey, ManyToManyRelationship
from ..fields.picklist import StateFlow
from ..fields.relationship import (
    ABSENT,
    ParentDefinition,
    ParentRelationship,
    check_nested_children,
    is_valid_erc,
)
from ..names import ERC, ERC_LIMIT
from ..text import scalar_text
from .system_properties import (
    CATEGORY_BRIEFS,
    CATEGORY_IDS,
    DRAFT,
    KEYWORDS,
    check_uncategorized,
    read_categorization,
    read_status,
)

_CATEGORIZATION: Final = frozenset({CATEGORY_BRIEFS, CATEGORY_IDS, KEYWORDS})
_NONE: Final[frozenset[str]] = frozenset()
_NO_IDS: Final[dict[str, int]] = {}
_NO_LINKS: Final[dict[str, tuple[EntryKey, ...]]] = {}


@dataclass(slots=True)
class ValidatedEntry:
    """An item after the first look.

    Attributes:
        erc: Its external reference code; empty where it has none.
        values: Kept values by field, without those that are null. A parent stands
            under its ``r_…ERC``: a text, or an int that is still to be looked up.
            Translations may be None: a language that loses its value.
        nulls: Fields that the item sets to null.
        status: The status that it asks for; None where it asks for none.
        problem: Why it cannot be stored, whatever is stored already.
        many: The entries that it names, by many-to-many relationship.
        note: What people should know of it; a code of the notes, or empty.
        beside: Ids that stand beside the codes of parents, by ``r_…ERC``.
    """

    erc: str
    values: dict[str, Any]
    nulls: set[str] | frozenset[str] = _NONE
    status: int | None = None
    problem: Problem | None = None
    many: Mapping[str, tuple[EntryKey, ...]] = field(default_factory=lambda: _NO_LINKS)
    beside: Mapping[str, int] = field(default_factory=lambda: _NO_IDS)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRules:
    """What the entries of one definition have to be like.

    Attributes:
        definition_id: As messages quote it.
        short_name: Without ``C_``.
        company_scoped: Entries belong to no site.
        drafts: Entries may be drafts.
        categorized: Entries have keywords and categories.
        fields: Every custom field, in the definition's order.
        checks: Of the fields that keep one value, by name.
        localized: The fields that keep a value a language.
        links: The relationships to parents.
        many: The many-to-many relationships, of either side.
        defaults: Kept values of fields that an item leaves out.
        required: The keys of kept values that must be there, and the field that a
            message names: they differ for relationships.
        read_only: Likewise, the keys of kept values that keep what they have.
        uniques: Keys of kept values that no two entries share: of fields with
            ``uniqueValues``, and of parents that have one child only.
        numberings: The AutoIncrement fields.
        flows: Of state fields, by name, which state may follow which.
        aggregations: The Aggregation fields that can be computed.
        encrypted: The Encrypted fields.
        attachments: The Attachment fields.
        children: The relationships to children, whose entries no item holds.
        vault: Seals their values; None where nothing can.
    """

    definition_id: int
    short_name: str
    company_scoped: bool = True
    drafts: bool = False
    categorized: bool = True
    fields: tuple[FieldRules, ...] = ()
    checks: tuple[tuple[str, Check], ...] = ()
    localized: tuple[LocalizedField, ...] = ()
    links: tuple[ParentRelationship, ...] = ()
    many: tuple[ManyToManyRelationship, ...] = ()
    defaults: tuple[tuple[str, Any], ...] = ()
    required: tuple[tuple[str, str], ...] = ()
    read_only: tuple[tuple[str, str], ...] = ()
    uniques: tuple[str, ...] = ()
    numberings: tuple[AutoIncrement, ...] = ()
    flows: tuple[tuple[str, StateFlow], ...] = ()
    aggregations: tuple[Aggregation, ...] = ()
    encrypted: tuple[str, ...] = ()
    attachments: tuple[AttachmentRules, ...] = ()
    children: tuple[ChildRelationship, ...] = ()
    vault: Vault | None = None

    def sealer(self) -> Sealer:
        """Make what seals and opens the values of Encrypted fields."""
        return Sealer(self.vault, self.definition_id, self.encrypted)

    def check(self, item: Mapping[str, Any]) -> ValidatedEntry:
        """Judge what can be judged from the item alone."""
        erc = item.get(ERC)
        checked = ValidatedEntry("", {})
        if type(erc) is str and erc.isprintable() and len(erc) <= ERC_LIMIT:
            checked.erc = erc if erc.strip() else ""
        elif erc is not None:
            checked.erc, checked.problem = _read_unusual_erc(erc)
        if checked.problem is None:
            checked.problem = self._check_fields(item, checked)
        if checked.problem is None and self.localized:
            checked.problem = self._check_localized(item, checked)
        if checked.problem is None and not _CATEGORIZATION.isdisjoint(item):
            checked.problem = self._check_categorization(item, checked)
        if checked.problem is None and (self.links or self.uniques):
            checked.problem = self._check_keys(item, checked)
        if checked.problem is None and (self.many or self.children):
            checked.problem = check_nested_children(self.children, item)
            checked.problem = checked.problem or self._check_many(item, checked)
        if checked.problem is None and "status" in item:
            checked.problem = self._check_status(item, checked)
        return checked

    def _check_fields(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        values = checked.values
        for name, check in self.checks:
            if name not in item:
                continue
            value = item[name]
            kept = None if value is None else check(value)
            if kept is None:
                checked.nulls = checked.nulls | {name}
            elif isinstance(kept, Problem):  # found now, or when a file was taken in
                return kept
            else:
                values[name] = kept
        return None

    def _check_localized(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        for each in self.localized:
            found = each.read(item)
            if isinstance(found, Problem):
                return found
            if found is None:
                checked.nulls = checked.nulls | {each.name, each.map_name}
            elif found is not ABSENT:
                checked.values[each.map_name] = found
                if each.is_contradicted(item):
                    checked.note = OTHER_TRANSLATION
                plain = found.get(each.language)
                if plain is None:  # spoken of, so that no default takes its place
                    checked.nulls = checked.nulls | {each.name}
                else:
                    checked.values[each.name] = plain
        return None

    def _check_categorization(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        if not self.categorized:
            return check_uncategorized(item)
        found = read_categorization(item)
        if isinstance(found, Problem):
            return found
        for name, value in found.items():
            if value is None:
                checked.nulls = checked.nulls | {name}
            else:
                checked.values[name] = value
        return None

    def _check_keys(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        return self._check_links(item, checked) or self._check_uniques(checked)

    def _check_links(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        for link in self.links:
            value = link.read(item)
            if isinstance(value, Problem):
                return value
            if value is None:
                checked.nulls = checked.nulls | {link.erc_name}
            elif value is not ABSENT:
                checked.values[link.erc_name] = value
                number = link.id_beside(item) if isinstance(value, str) else 0
                if number:
                    checked.beside = {**checked.beside, link.erc_name: number}
        return None

    def _check_many(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        named: dict[str, tuple[EntryKey, ...]] = {}
        for link in self.many:
            found = link.read(item)
            if isinstance(found, Problem):
                return found
            if found is not ABSENT:
                named[link.name] = found
        checked.many = named
        return None

    def _check_uniques(self, checked: ValidatedEntry) -> Problem | None:
        """Refuse what an index cannot hold; JSON functions end texts at NUL."""
        for name in self.uniques:
            value = checked.values.get(name)
            if isinstance(value, str) and "\0" in value:
                return invalid_value(name, value)
        return None

    def _check_status(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        code = read_status(item["status"])
        if isinstance(code, Problem):
            return code
        if code == DRAFT and not self.drafts:
            return EntryProblemType.DRAFT.problem("status", item["status"])
        checked.status = code
        return None


def collect_parents(
    rules: EntryRules, items: Iterable[ValidatedEntry]
) -> tuple[dict[ParentDefinition, set[str]], set[int]]:
    """Collect which parents have to be looked up: by ERC, and by id."""
    by_erc: dict[ParentDefinition, set[str]] = {}
    by_id: set[int] = set()
    for parent, value in _parents_of(rules, items):
        if isinstance(value, int):
            by_id.add(value)
        else:
            by_erc.setdefault(parent, set()).add(value)
    return by_erc, by_id


def _parents_of(
    rules: EntryRules, items: Iterable[ValidatedEntry]
) -> Iterator[tuple[ParentDefinition, str | int]]:
    looked_up = [
        (link.erc_name, link.parent)
        for link in rules.links
        if link.parent and not link.system
    ]
    for checked in items:
        for name, parent in looked_up:
            value = checked.values.get(name)
            if value is not None:
                yield parent, value


def format_unique_value(value: Any) -> str:
    """Write a kept value as the index of unique values does; empty for blank."""
    if value is None:
        return ""
    return value if isinstance(value, str) and value.strip() else _other_text(value)


def _other_text(value: Any) -> str:
    return "" if isinstance(value, str) else str(value)


def _read_unusual_erc(erc: Any) -> tuple[str, Problem | None]:
    text = scalar_text(erc)
    if text is None:
        return "", EntryProblemType.ERC_KIND.problem(ERC, erc)
    if len(text) > ERC_LIMIT:
        return text, EntryProblemType.ERC_LENGTH.problem(
            ERC, text, length=len(text), limit=ERC_LIMIT
        )
    if not is_valid_erc(text):
        return "", EntryProblemType.ERC_KIND.problem(ERC, erc)
    return (text if text.strip() else ""), None
