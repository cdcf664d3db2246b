"""The compiled rules of one definition's entries, and the validation of single items.

An item is checked in two steps, so that a batch costs one look-up of each kind instead
of one for each record: :meth:`EntryRules.check` checks what follows from the item
alone, and :class:`~.decisions.EntryDecider` compares the item with what is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.entity_type import ChildRelationship
from ...model.outcome import OTHER_TRANSLATION, Problem
from ...model.record import DateCell
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
from ..text import format_scalar
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
    """An item after the checks of its own values.

    Attributes:
        erc: The external reference code; empty where the item has none.
        values: The values to store by field, without nulls. A parent is stored under
            its ``r_…ERC``: a text, or an int that has to be looked up. A translation
            may be None: a language that loses its value.
        nulls: The fields that the item sets to null.
        status: The status that the item states; None where it states none.
        problem: Why the item cannot be stored, whatever is stored; None if it can.
        many: The references of the item, by many-to-many relationship.
        note: A code of the notes for people, or empty.
        beside: The ids that are stated in addition to parents' codes, by ``r_…ERC``.
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
    """The rules of one definition's entries.

    Attributes:
        definition_id: The id of the definition, which messages quote.
        short_name: The name of the definition without ``C_``.
        company_scoped: True if entries belong to no site.
        drafts: True if entries may be drafts.
        categorized: True if entries have keywords and categories.
        fields: All custom fields, in the definition's order.
        checks: The checks of the fields that store one value, by name.
        localized: The fields that store one value for each language.
        links: The relationships to parents.
        many: The many-to-many relationships, of either side.
        defaults: The values of fields that an item leaves out.
        required: The keys of required stored values, and the field that a message
            names; they differ for relationships.
        read_only: Likewise for values that an update must not change.
        uniques: The keys of stored values that no two entries share: of fields with
            ``uniqueValues``, and of parents that may have one child only.
        numberings: The AutoIncrement fields.
        flows: The flows of state fields, by name.
        aggregations: The Aggregation fields that can be computed.
        encrypted: The Encrypted fields.
        attachments: The Attachment fields.
        children: The relationships to children, which items must not include.
        history: True if changes of entries are recorded.
        vault: Seals the values of Encrypted fields; None where that is impossible.
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
    history: bool = False
    vault: Vault | None = None

    @property
    def are_bodies_whole(self) -> bool:
        """True if an entry's stored values are all that there is of it.

        Links of many-to-many relationships and the contents of files are elsewhere.
        """
        return not (self.many or self.attachments)

    def sealer(self) -> Sealer:
        """Return what seals and opens the values of Encrypted fields."""
        return Sealer(self.vault, self.definition_id, self.encrypted)

    def check(self, item: Mapping[str, Any]) -> ValidatedEntry:
        """Check what follows from the item alone."""
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
        nulls: set[str] = set()
        for name, check in self.checks:
            if name not in item:
                continue
            value = item[name]
            stored = None if value is None else check(value)
            if stored is None:
                nulls.add(name)
            elif isinstance(stored, Problem):  # now, or when the file was stored
                return stored
            else:  # a date of a workbook is stored like any other text
                values[name] = str(stored) if type(stored) is DateCell else stored
        if nulls:
            checked.nulls = nulls
        return None

    def _check_localized(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        for localized in self.localized:
            translations = localized.read(item)
            if isinstance(translations, Problem):
                return translations
            if translations is None:
                checked.nulls = checked.nulls | {localized.name, localized.map_name}
            elif translations is not ABSENT:
                checked.values[localized.map_name] = translations
                if localized.is_contradicted(item):
                    checked.note = OTHER_TRANSLATION
                plain = translations.get(localized.language)
                if plain is None:  # spoken of, so that no default takes its place
                    checked.nulls = checked.nulls | {localized.name}
                else:
                    checked.values[localized.name] = plain
        return None

    def _check_categorization(
        self, item: Mapping[str, Any], checked: ValidatedEntry
    ) -> Problem | None:
        if not self.categorized:
            return check_uncategorized(item)
        lists = read_categorization(item)
        if isinstance(lists, Problem):
            return lists
        for name, value in lists.items():
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
        references: dict[str, tuple[EntryKey, ...]] = {}
        for link in self.many:
            keys = link.read(item)
            if isinstance(keys, Problem):
                return keys
            if keys is not ABSENT:
                references[link.name] = keys
        checked.many = references
        return None

    def _check_uniques(self, checked: ValidatedEntry) -> Problem | None:
        """Report a text that an index cannot hold: JSON functions end texts at NUL."""
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
    """Return the parents that have to be looked up: by ERC, and by id."""
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
    """Write a stored value as in the index of unique values; empty for a blank."""
    if value is None:
        return ""
    return value if isinstance(value, str) and value.strip() else _other_text(value)


def _other_text(value: Any) -> str:
    return "" if isinstance(value, str) else str(value)


def _read_unusual_erc(erc: Any) -> tuple[str, Problem | None]:
    text = format_scalar(erc)
    if text is None:
        return "", EntryProblemType.ERC_KIND.problem(ERC, erc)
    if len(text) > ERC_LIMIT:
        return text, EntryProblemType.ERC_LENGTH.problem(
            ERC, text, length=len(text), limit=ERC_LIMIT
        )
    if not is_valid_erc(text):
        return "", EntryProblemType.ERC_KIND.problem(ERC, erc)
    return (text if text.strip() else ""), None
