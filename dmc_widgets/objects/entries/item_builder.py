"""Builds items from stored entries; see docs/liferay/objects.md, Entries and Values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from orjson import loads

from ..company_ids import CREATOR
from ..fields.aggregation import Aggregation
from ..fields.date import format_day
from ..fields.field_rules import FieldRules
from ..fields.formula import NUMBERS, build_formula_reader
from ..fields.localized import LocalizedField
from ..fields.many_to_many import ManyToManyRelationship
from ..fields.relationship import ParentDefinition, ParentRelationship
from ..names import ERC, SCOPE_KEY
from .item_columns import ItemColumnReader
from .item_encoder import ItemEncoder, ItemLayout, LinkFields, SystemField
from .system_properties import APPROVED, DRAFT, EMPTY, OUTPUT_PROPERTIES
from .validation import EntryRules

ParentIds = Callable[[ParentDefinition, Collection[str]], Mapping[str, int]]
"""Looks up the ids of a definition's entries by their ERCs."""

Totals = Callable[[Aggregation, Collection[str]], Mapping[str, int | Decimal]]
"""Computes an Aggregation field of the entries with these ERCs."""

Linked = Callable[
    [ManyToManyRelationship, Collection[int]], Mapping[int, Sequence[str]]
]
"""Looks up the codes that the entries with these ids are linked to, in order."""

_CREATOR: Final = "creator"
_OF_ROWS: Final = ("dateCreated", "dateModified", ERC, "id", "status")
_TEXT_TYPES: Final = frozenset({"Date", "Picklist"})  # stored as a text, and converted
SYSTEM_FIELDS: Final = (_CREATOR, *_OF_ROWS)

_STATUSES: Final = {
    APPROVED: {"code": APPROVED, "label": "approved", "label_i18n": "Approved"},
    DRAFT: {"code": DRAFT, "label": "draft", "label_i18n": "Draft"},
    EMPTY: {"code": EMPTY, "label": "empty", "label_i18n": "Empty"},
}


class EntryRow(NamedTuple):
    """A row of the entry table. Times are milliseconds since the epoch.

    The scope is the key of the site, empty for company scope.
    """

    id: int
    erc: str
    status: int
    body: bytes
    created: int
    modified: int
    scope: str = ""


class ItemBuilder:
    """Builds items from stored entries, with the requested fields.

    Items share values that are the same in many (the creator, a status, a choice, an
    empty list), so nested values must not be changed in place.

    Args:
        rules: The rules of the definition.
        names: The requested fields; None for all. An unknown name is included without
            a value.
    """

    def __init__(self, rules: EntryRules, names: Collection[str] | None = None) -> None:
        self._rules = rules
        links = {link.id_name: link for link in rules.links}
        site = () if rules.company_scoped else (SCOPE_KEY,)
        if names is None:
            custom = _list_custom_names(rules, links)
            names = (*SYSTEM_FIELDS, *site, *OUTPUT_PROPERTIES, *custom)
        requested = self._requested = set(names)
        self._system = tuple(
            (name, _SYSTEM[name]) for name in (*_OF_ROWS, *site) if name in requested
        )
        self._encrypted = tuple(name for name in rules.encrypted if name in requested)
        self._sealer = rules.sealer()
        converters = _find_converters(
            rules, requested - set(links) - set(self._encrypted)
        )
        self._converted = tuple(
            (name, convert) for name, convert in converters.items() if convert
        )
        self._links = tuple(
            link
            for link in rules.links
            if requested & {link.id_name, link.erc_name, _erc_output_name(link)}
        )
        self._many = tuple(link for link in rules.many if link.name in requested)
        self._computed = _compile_formulas(rules, requested)
        self._aggregations = tuple(e for e in rules.aggregations if e.name in requested)
        self._localized = _select_localized(rules, requested)
        listed = requested & set(OUTPUT_PROPERTIES if rules.categorized else ())
        self._given = converters.keys() | listed
        same: dict[str, Any] = {_CREATOR: CREATOR} | {name: [] for name in listed}
        self._blank = {name: same.get(name) for name in names}
        self._blank |= {name: convert(None) for name, convert in self._converted}

    def encoder(self) -> ItemEncoder | None:
        """Return what spells the same items as JSON; None if something is computed."""
        layout = self._layout()
        try:
            return ItemEncoder(layout) if layout else None
        except ValueError:  # a requested name that no definition can have
            return None

    def column_reader(self) -> ItemColumnReader | None:
        """Return what reads the same items by column; None if something is computed."""
        layout = self._layout()
        try:
            return ItemColumnReader(layout) if layout else None
        except ValueError:  # a requested name that no definition can have
            return None

    def _layout(self) -> ItemLayout | None:
        """Return what the items hold; None if something is computed for each."""
        is_computed = self._encrypted or self._many or self._computed
        if is_computed or self._aggregations or self._localized:
            return None
        attachments = self._rules.attachments
        if any(attachment.name in self._requested for attachment in attachments):
            return None
        return ItemLayout(
            blank=self._blank,
            stored=self._given,
            converters=dict(self._converted),
            texts=self._names_of_type(_TEXT_TYPES),
            booleans=self._names_of_type({"Boolean"}),
            system={name: _SYSTEM_FIELDS[name] for name, _ in self._system},
            links=tuple(map(self._link_fields, self._links)),
        )

    def _names_of_type(self, types: Set[str]) -> frozenset[str]:
        fields = {field.name: field.type for field in self._rules.fields}
        converted = (name for name, _ in self._converted)
        return frozenset(name for name in converted if fields[name] in types)

    def _link_fields(self, link: ParentRelationship) -> LinkFields:
        codes = (link.erc_name, _erc_output_name(link))
        return LinkFields(
            link.erc_name,
            tuple(name for name in codes if name in self._requested),
            link.id_name if link.id_name in self._requested else "",
        )

    def items(
        self,
        rows: Sequence[EntryRow],
        parent_ids: ParentIds,
        totals: Totals,
        linked: Linked = lambda _link, _ids: {},
    ) -> list[dict[str, Any]]:
        """Build the items of *rows*.

        Looks up parents' ids, linked entries and totals once for each relationship
        and Aggregation field.
        """
        bodies = [loads(row.body) for row in rows]
        ids = {
            link.id_name: parent_ids(
                link.parent,
                {body[link.erc_name] for body in bodies if link.erc_name in body},
            )
            for link in self._links
            if link.parent and not link.system and link.id_name in self._requested
        }
        items = [
            self._item(row, body, ids) for row, body in zip(rows, bodies, strict=True)
        ]
        for aggregation in self._aggregations:
            results = totals(aggregation, {row.erc for row in rows})
            for row, item in zip(rows, items, strict=True):
                item[aggregation.name] = results.get(row.erc, aggregation.of_none)
        for link in self._many:
            codes = linked(link, {row.id for row in rows})
            for row, item in zip(rows, items, strict=True):
                item[link.name] = [{ERC: erc} for erc in codes.get(row.id, ())]
        return items

    def _item(
        self,
        row: EntryRow,
        stored: dict[str, Any],
        ids: Mapping[str, Mapping[str, int]],
    ) -> dict[str, Any]:
        item = self._blank.copy()
        for name, read in self._system:
            item[name] = read(row)
        if stored.keys() <= self._given:
            item.update(stored)
        else:
            item.update((name, stored[name]) for name in self._given & stored.keys())
        for name, convert in self._converted:
            if name in stored:
                item[name] = convert(stored[name])
        for name, compute in self._computed:
            item[name] = compute(stored)
        for field, convert in self._localized:
            self._put_languages(item, field, convert, field.values_in(stored))
        for name in self._encrypted:
            item[name] = self._sealer.reveal(stored, row.id, name)
        if self._links:
            self._put_links(item, stored, ids)
        return item

    def _put_links(
        self,
        item: dict[str, Any],
        stored: Mapping[str, Any],
        ids: Mapping[str, Mapping[str, int]],
    ) -> None:
        for link in self._links:
            erc = stored.get(link.erc_name, "")
            parent_id = ids.get(link.id_name, {}).get(erc, 0)
            for name, value in (
                (link.id_name, parent_id),
                (link.erc_name, erc),
                (_erc_output_name(link), erc),
            ):
                if name in self._requested:
                    item[name] = value

    def _put_languages(
        self,
        item: dict[str, Any],
        field: LocalizedField,
        convert: Callable[[Any], Any],
        values: Mapping[str, Any],
    ) -> None:
        if field.name in self._requested:
            item[field.name] = convert(values.get(field.language))
        if field.map_name in self._requested:
            by_language = {name: convert(value) for name, value in values.items()}
            item[field.map_name] = by_language or None


@lru_cache(maxsize=4096)
def format_moment(ms: int) -> str:
    """Write a time as ``2024-03-05T06:07:08Z``, without milliseconds as in Liferay."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _erc_output_name(link: ParentRelationship) -> str:
    return f"{link.nested_name}ERC"


def _list_custom_names(
    rules: EntryRules, links: Mapping[str, ParentRelationship]
) -> tuple[str, ...]:
    names: list[str] = [part.map_name for part in rules.localized]
    names += [part.name for part in rules.many]
    for field in rules.fields:
        names.append(field.name)
        if field.name in links:
            names += (links[field.name].erc_name, _erc_output_name(links[field.name]))
    return tuple(names)


def _find_converters(
    rules: EntryRules, requested: Collection[str]
) -> dict[str, Callable[[Any], Any] | None]:
    """Return how fields are converted; None for those that are stored as they are."""
    fields = {field.name: field for field in rules.fields}
    names = [name for name, _ in rules.checks if name in requested]
    return {name: _find_converter(fields[name]) for name in names}


def _compile_formulas(
    rules: EntryRules, requested: Collection[str]
) -> tuple[tuple[str, Callable[[Mapping[str, Any]], Any]], ...]:
    numbers = frozenset(field.name for field in rules.fields if field.type in NUMBERS)
    return tuple(
        (field.name, build_formula_reader(field.settings, numbers))
        for field in rules.fields
        if field.type == "Formula" and field.name in requested
    )


def _select_localized(
    rules: EntryRules, requested: Collection[str]
) -> tuple[tuple[LocalizedField, Callable[[Any], Any]], ...]:
    fields = {field.name: field for field in rules.fields}
    return tuple(
        (field, _find_converter(fields[field.name]) or _return_unchanged)
        for field in rules.localized
        if field.name in requested or field.map_name in requested
    )


def _return_unchanged(value: Any) -> Any:
    return value


def _find_converter(field: FieldRules) -> Callable[[Any], Any] | None:
    choices = {key: {"key": key, "name": name} for key, name in field.picklist.items()}

    def choice(key: str) -> dict[str, str]:
        known = choices.get(key)  # it may have left the picklist since
        return {"key": key, "name": key} if known is None else known

    if field.type == "Boolean":
        return bool
    converters: dict[str, Callable[[Any], Any]] = {
        "Date": format_day,
        "MultiselectPicklist": lambda keys: [choice(key) for key in keys],
        "Picklist": choice,
        "PrecisionDecimal": Decimal,
    }
    convert = converters.get(field.type)
    if convert is None:
        return None
    return lambda kept: None if kept is None else convert(kept)


def _show_status(code: int) -> dict[str, Any]:
    return _STATUSES.get(code, _STATUSES[APPROVED])


_SYSTEM_FIELDS: Final = {
    name: SystemField(EntryRow._fields.index(column), show)
    for name, column, show in (
        ("dateCreated", "created", format_moment),
        ("dateModified", "modified", format_moment),
        (ERC, "erc", None),
        ("id", "id", None),
        (SCOPE_KEY, "scope", None),
        ("status", "status", _show_status),
    )
}


def _read_column(field: SystemField) -> Callable[[EntryRow], Any]:
    place, show = field
    return (lambda row: show(row[place])) if show else itemgetter(place)


_SYSTEM: Final[dict[str, Callable[[EntryRow], Any]]] = {
    name: _read_column(field) for name, field in _SYSTEM_FIELDS.items()
}
