"""Warn of stored values that an import with *Overwrite Records* would empty.

An entry that is overwritten loses the value of every field that its record leaves out,
as in Liferay. A file without a column for a field empties that field of every entry,
so the first records are compared with what is stored before the import starts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ...errors import InstallationError, RequestError
from ...model.entity_type import OBJECT_ENTRY, EntityType, Field
from ...model.outcome import Problem
from ...model.plan import ImportPlan
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...objects.entries.system_properties import (
    CATEGORY_BRIEFS,
    CATEGORY_IDS,
    KEYWORDS,
    has_site_scope,
)
from ...objects.fields.localized import (
    DEFAULT_LANGUAGE,
    i18n_name,
    normalize_language_id,
)
from ...objects.names import ERC, SCOPE_KEY
from ...objects.text import format_erc
from ...ports import Installation, Item
from .expressions import compile_expression
from .file_head import FileHead

_MAX_NAMES: Final = 10
_LISTS: Final = {KEYWORDS: "", CATEGORY_BRIEFS: CATEGORY_IDS}
"""Lists beside the fields of a definition, with the other name that records use."""


def emptied_fields_warning(
    installation: Installation,
    plan: ImportPlan,
    entity_type: EntityType,
    head: FileHead,
) -> str:
    """Return a warning of stored values that the first records would empty.

    Args:
        installation: The target; it is asked once, and only if a record leaves out a
            field. If it does not answer there is no warning: the import, which asks
            for more, reports the failure.
        plan: The plan of the import; its expressions are valid.
        entity_type: The entity type in the target.
        head: The head of the file.

    Returns:
        The warning; an empty text if no stored value would be lost.
    """
    if not _may_empty(plan, entity_type):
        return ""
    droppable = _droppable_fields(entity_type)
    items = [
        item
        for item in _map_head_records(plan, entity_type, head)
        if any(field.may_be_lost(item) for field in droppable)
    ]
    stored = _fetch_stored_entries(installation, plan, entity_type, items)
    lost = [
        names
        for item in items
        if (entry := stored.get(format_erc(item.get(ERC))))
        and (names := [x for field in droppable for x in field.lost_names(item, entry)])
    ]
    return _warning_text(lost, head) if lost else ""


def _may_empty(plan: ImportPlan, entity_type: EntityType) -> bool:
    """Return True if the plan may overwrite stored entries."""
    return (
        entity_type.class_name == OBJECT_ENTRY
        and plan.policy.update_strategy is UpdateStrategy.UPDATE
        and plan.policy.import_strategy is not ImportStrategy.INSERT
    )


class _DroppableField(NamedTuple):
    """A field whose value is lost if a record leaves it out.

    Attributes:
        field: The field.
        other_name: Another name under which a record may have the value.
        language: The default language, if *other_name* is the map of a localized
            field's values by language.
    """

    field: Field
    other_name: str = ""
    language: str = ""

    def may_be_lost(self, item: Mapping[str, Any]) -> bool:
        """Return True if *item* leaves out the value, or may leave out a language."""
        return bool(self.language) or not self._is_in(item)

    def lost_names(self, item: Mapping[str, Any], entry: Item) -> Iterator[str]:
        """Yield the field's name if *entry* loses a value of it to *item*."""
        name = self.field.name
        if not self._is_in(item) and _is_value(entry.get(name), self.field):
            yield name
        elif self.language and self._loses_a_language(item, entry):
            yield self.other_name

    def _is_in(self, item: Mapping[str, Any]) -> bool:
        return self.field.name in item or self.other_name in item

    def _loses_a_language(self, item: Mapping[str, Any], entry: Item) -> bool:
        """Return True if *entry* has a text in a language that *item* leaves out."""
        given = item.get(self.other_name, {})
        if not isinstance(given, dict):  # no text on purpose, or JSON in a cell
            return False
        languages = {normalize_language_id(language) for language in given}
        if self.field.name in item:
            languages.add(self.language)
        stored = entry.get(self.other_name)
        texts = stored if isinstance(stored, dict) else {}
        return any(
            texts[x] and normalize_language_id(x) not in languages for x in texts
        )


def _droppable_fields(entity_type: EntityType) -> list[_DroppableField]:
    """Return the fields that entries keep only if a record names them."""
    fields = {field.name: field for field in entity_type.fields}
    droppable = []
    for name, field in fields.items():
        twin = fields.get(i18n_name(name))
        if name in _LISTS:
            droppable.append(_DroppableField(field, _LISTS[name]))
        elif not field.custom or field.stays or field.read_only:
            continue
        elif twin is not None and field.any_of_group == name:
            language = twin.languages[0] if twin.languages else DEFAULT_LANGUAGE
            droppable.append(_DroppableField(field, twin.name, language))
        elif not field.any_of_group:
            droppable.append(_DroppableField(field))
    return droppable


def _map_head_records(
    plan: ImportPlan, entity_type: EntityType, head: FileHead
) -> Iterator[Item]:
    """Yield the items that the mapping makes of the first records with a code."""
    make = plan.mapping.compile(entity_type, compile_expression)
    for record in head.records:
        item = make(record)
        if not isinstance(item, Problem) and format_erc(item.get(ERC)).strip():
            yield item


def _fetch_stored_entries(
    installation: Installation,
    plan: ImportPlan,
    entity_type: EntityType,
    items: Sequence[Item],
) -> dict[str, Item]:
    """Return the stored entries of *items* by code; none if they name several sites."""
    codes = list(dict.fromkeys(format_erc(item[ERC]) for item in items))
    site = plan.scope
    if not site and has_site_scope(entity_type):
        sites = {item.get(SCOPE_KEY) for item in items}
        if len(sites) != 1:
            return {}
        site = format_erc(sites.pop())
    if not codes or (has_site_scope(entity_type) and not site):
        return {}
    try:
        return installation.fetch(entity_type, codes, site)
    except (InstallationError, RequestError):
        return {}


def _is_value(value: Any, field: Field) -> bool:
    """Return True if a stored value is not empty and not the field's default."""
    if value is False:  # installations return false for a Boolean without a value, too
        return field.default.lower() == "true"
    if value is None or value in ([], {}) or (type(value) is str and not value.strip()):
        return False
    if isinstance(value, dict):
        value = value.get("key", value)
    text = str(value).lower() if value is True else str(value)
    return text != field.default


def _warning_text(lost: Sequence[Collection[str]], head: FileHead) -> str:
    names = sorted({name for names in lost for name in names})
    return (
        f"{UpdateStrategy.UPDATE.label} empties what the file leaves out: "
        f"{_format_count(len(lost), head)} would lose a stored value of "
        f"{_join_with_or(names)}. "
        f"Choose {UpdateStrategy.PARTIAL_UPDATE.label} to keep them."
    )


def _format_count(number: int, head: FileHead) -> str:
    total = len(head.raw_records)
    if not head.complete:
        return f"{number:,} of the first {total:,} records"
    return "its only record" if total == 1 else f"{number:,} of its {total:,} records"


def _join_with_or(names: Iterable[str]) -> str:
    quoted = [repr(name) for name in names]
    if len(quoted) > _MAX_NAMES:
        return f"{', '.join(quoted[:_MAX_NAMES])}, …"
    *first, last = quoted
    return f"{', '.join(first)} or {last}" if first else last
