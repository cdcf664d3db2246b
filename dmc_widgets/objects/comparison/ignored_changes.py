"""Changes of a record that an update of its document ignores.

They are found by comparing documents, so that imports, previews and comparisons agree
on every property.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..documents.change_set import APPROVED, DEFINITION, DRAFT, Body, StoredDocument
from ..documents.definition_bodies import (
    FrozenReason,
    find_frozen_reason,
    is_ignored_by_patch,
    replace_body,
)
from ..documents.definition_fields import (
    is_relationship,
    normalize_field,
    select_custom_fields,
)
from ..documents.document_kind import check_shape
from ..documents.kinds import KINDS_BY_NAME
from ..names import ERC
from .differences import compare_properties
from .merging import merge_into

_MAX_SHOWN: Final = 10
_SHOWN_CHARS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoredChange:
    """A property of a record that does not reach the stored document.

    Attributes:
        kind: The name of the document's kind.
        name: The name of the stored document.
        path: The property, such as ``objectFields.title.businessType``.
        stored: The value that stays; None where there is none.
        given: The value of the record; None where it has none.
        reason: Why the stored value stays.
        in_folder: True if the record is a folder that includes the document.
    """

    kind: str
    name: str
    path: str
    stored: Any
    given: Any
    reason: FrozenReason
    in_folder: bool = False

    @property
    def text(self) -> str:
        """The property with the value that stays and the one that was given."""
        stored, given = _format_value(self.stored), _format_value(self.given)
        return f"{self.path} (stored {stored}, given {given})"


def find_ignored_changes(
    kind: str, item: Body, stored: StoredDocument | None, policy: Policy
) -> tuple[IgnoredChange, ...]:
    """Return what differs between *item* and *stored* and an update leaves as it is.

    What the choices of a merge leave is not among it.

    Args:
        kind: The name of the item's kind.
        item: The mapped item. One that the rules refuse has no ignored changes.
        stored: The document of its external reference code, or None.
        policy: The import strategy and the update strategy.
    """
    if stored is None or stored.is_placeholder:
        return ()
    if policy.merges:
        merged = merge_into(kind, item, stored, policy.merge)
        overwriting = policy.with_update_strategy(UpdateStrategy.UPDATE)
        return find_ignored_changes(kind, merged or {}, stored, overwriting)
    if policy.import_strategy is ImportStrategy.INSERT or _has_wrong_shape(kind, item):
        return ()
    if kind != DEFINITION:
        return tuple(
            _build_changes(kind, item, stored, _find_frozen(kind, item, stored))
        )
    if policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE:
        return tuple(
            _build_changes(kind, item, stored, _find_ignored_by_patch(item, stored))
        )
    return tuple(_build_changes(kind, item, stored, _find_frozen(kind, item, stored)))


def predict_state(
    kind: str, item: Body, stored: StoredDocument | None, policy: Policy
) -> StoredDocument | None:
    """Return the document that a later record of the same file is compared with."""
    if _has_wrong_shape(kind, item) or not item.get(ERC):
        return stored
    if policy.merges:
        merged = merge_into(kind, item, stored, policy.merge)
        if merged is None:
            return stored
        overwriting = policy.with_update_strategy(UpdateStrategy.UPDATE)
        return predict_state(kind, merged, stored, overwriting)
    if kind != DEFINITION:
        name = str(item.get("name"))
        return stored or StoredDocument(kind, item[ERC], name, APPROVED, item)
    if stored is not None and policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE:
        return stored
    code = (item.get("status") or {}).get("code")
    status = stored.status if stored and code is None else code
    body = replace_body(item, stored)
    name = str(body.get("name") or "")
    return StoredDocument(
        kind, item[ERC], name, DRAFT if status is None else status, body
    )


def describe_ignored_changes(changes: Iterable[IgnoredChange]) -> Iterator[str]:
    """Yield a sentence for each document and reason."""
    groups: dict[tuple[str, str, FrozenReason], dict[str, None]] = {}
    for change in changes:
        key = (change.kind, change.name, change.reason)
        groups.setdefault(key, {})[change.text] = None
    for (kind, name, reason), texts in groups.items():
        shown = list(texts)[:_MAX_SHOWN]
        if len(texts) > _MAX_SHOWN:
            shown.append(f"{len(texts) - _MAX_SHOWN} more")
        listed = ", ".join(shown)
        yield f"{kind} {name} keeps what is stored, because {reason}: {listed}."


PropertyChange = tuple[tuple[str, ...], Any, Any, FrozenReason]
"""A path, the value of the record, the stored value, and why it stays."""


def _build_changes(
    kind: str, item: Body, stored: StoredDocument, differences: Iterable[PropertyChange]
) -> Iterator[IgnoredChange]:
    name = str(stored.body.get("name") or item.get("name") or stored.erc)
    for path, given_value, stored_value, reason in differences:
        given, current = _unwrap_setting(given_value), _unwrap_setting(stored_value)
        if _comparison_text(given) != _comparison_text(current):
            yield IgnoredChange(
                kind=kind,
                name=name,
                path=".".join(path).removesuffix(".value"),
                stored=current,
                given=given,
                reason=reason,
            )


def _find_frozen(
    kind: str, item: Body, stored: StoredDocument
) -> Iterator[PropertyChange]:
    """Yield the changes that no update of the document makes."""
    is_published = stored.status == APPROVED
    for path, given, here in compare_properties(
        kind, _derive_field_types(kind, item), stored.body
    ):
        reason = find_frozen_reason(kind, path, is_published=is_published)
        if reason and path[-1] != "DBType" and _is_stated(item, path, given):
            yield path, given, here, reason


def _find_ignored_by_patch(
    item: Body, stored: StoredDocument
) -> Iterator[PropertyChange]:
    """Yield the changes that a PATCH of a definition does not make."""
    code = (item.get("status") or {}).get("code")
    if code is not None and code != stored.status:
        yield ("status", "code"), code, stored.status, FrozenReason.PARTIAL
    is_published = stored.status == APPROVED
    for path, given, here in compare_properties(
        DEFINITION, _derive_field_types(DEFINITION, item), stored.body
    ):
        if given is None or path[0] == "status":
            continue
        if is_ignored_by_patch(path[0], item.get(path[0])):
            yield path, given, here, FrozenReason.PARTIAL
        elif find_frozen_reason(DEFINITION, path, is_published=is_published):
            yield path, given, here, FrozenReason.PUBLISHED


def _derive_field_types(kind: str, item: Body) -> Body:
    """Return *item* with the derived properties of its fields."""
    if kind != DEFINITION or not item.get("objectFields"):
        return item
    fields = [
        field if is_relationship(field) else normalize_field(field)
        for field in select_custom_fields(item["objectFields"])
    ]
    return item | {"objectFields": fields}


def _is_stated(item: Body, path: tuple[str, ...], given: Any) -> bool:
    """Return True if the record gives the value, or a list of settings without it."""
    if given is not None:
        return True
    if len(path) < 4:
        return False
    return any(
        field.get("name") == path[1] and field.get("objectFieldSettings") is not None
        for field in item["objectFields"]
    )


def _has_wrong_shape(kind: str, item: Body) -> bool:
    return check_shape(item, KINDS_BY_NAME[kind].shape) is not None


def _unwrap_setting(value: Any) -> Any:
    """Return the value of a setting; any other value unchanged."""
    return (
        value["value"]
        if isinstance(value, dict) and value.keys() == {"value"}
        else value
    )


def _comparison_text(value: Any) -> str:
    """Return a text for comparison: files write true and 1 as texts, too."""
    if value is None or value is False:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return "" if text == "false" else text.strip()


def _format_value(value: Any) -> str:
    if value is None:
        return "nothing"
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
