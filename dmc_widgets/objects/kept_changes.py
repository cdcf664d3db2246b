"""The changes of a record that an update of its document leaves out.

They are found by the comparison of documents, so that imports, previews and
comparisons give the same verdict for every property.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ..model.strategies import ImportStrategy, Policy, UpdateStrategy
from .comparing import property_differences
from .definition_fields import custom_fields, is_relationship, normal_field
from .definition_forms import is_left_alone, replaced_body
from .documents import APPROVED, DEFINITION, DRAFT, Body, StoredDocument
from .entry_faults import ERC
from .kept_reasons import KeptReason, kept_reason
from .shapes import SHAPES, shape_fault

_SHOWN: Final = 10
_SHOWN_CHARS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptChange:
    """A property of a record that does not reach the stored document.

    Attributes:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        name: The name of the stored document.
        path: The property, such as ``objectFields.title.businessType``.
        stored: The value that stays; None where there is none.
        given: The value of the record; None where it has none.
        reason: Why the stored value stays.
        in_folder: The record is a folder, and brings the document along.
    """

    kind: str
    name: str
    path: str
    stored: Any
    given: Any
    reason: KeptReason
    in_folder: bool = False

    @property
    def text(self) -> str:
        """The property with the value that stays and the one that was given."""
        return f"{self.path} (stored {_shown(self.stored)}, given {_shown(self.given)})"


def find_kept_changes(
    kind: str, item: Body, stored: StoredDocument | None, policy: Policy
) -> tuple[KeptChange, ...]:
    """Return what *item* would change of *stored* and an update leaves out.

    Args:
        kind: ObjectDefinition, ListTypeDefinition or ObjectFolder.
        item: As it was mapped. One that the rules refuse has no kept changes.
        stored: The document of its external reference code; None if there is none.
        policy: The import and the update strategy.
    """
    if stored is None or stored.is_placeholder:
        return ()
    if policy.on_existing is ImportStrategy.INSERT or _is_misshapen(kind, item):
        return ()
    if kind != DEFINITION:
        return tuple(_kept(kind, item, stored, _frozen(kind, item, stored)))
    if policy.on_update is UpdateStrategy.PARTIAL_UPDATE:
        return tuple(_kept(kind, item, stored, _left_alone(item, stored)))
    return tuple(_kept(kind, item, stored, _frozen(kind, item, stored)))


def state_after(
    kind: str, item: Body, stored: StoredDocument | None, policy: Policy
) -> StoredDocument | None:
    """Return what a later record of the same file meets, as far as it counts here."""
    if _is_misshapen(kind, item) or not item.get(ERC):
        return stored
    if kind != DEFINITION:
        name = str(item.get("name"))
        return stored or StoredDocument(kind, item[ERC], name, APPROVED, item)
    if stored is not None and policy.on_update is UpdateStrategy.PARTIAL_UPDATE:
        return stored
    code = (item.get("status") or {}).get("code")
    status = stored.status if stored and code is None else code
    body = replaced_body(item, stored)
    name = str(body.get("name") or "")
    return StoredDocument(
        kind, item[ERC], name, DRAFT if status is None else status, body
    )


def kept_change_notes(changes: Iterable[KeptChange]) -> Iterator[str]:
    """Yield a sentence for each document and each reason."""
    groups: dict[tuple[str, str, KeptReason], dict[str, None]] = {}
    for change in changes:
        key = (change.kind, change.name, change.reason)
        groups.setdefault(key, {})[change.text] = None
    for (kind, name, reason), texts in groups.items():
        shown = list(texts)[:_SHOWN]
        if len(texts) > _SHOWN:
            shown.append(f"{len(texts) - _SHOWN} more")
        told = ", ".join(shown)
        yield f"{kind} {name} keeps what is stored, because {reason}: {told}."


Found = tuple[tuple[str, ...], Any, Any, KeptReason]
"""A path, the value of the record, the stored value, and why it stays."""


def _kept(
    kind: str, item: Body, stored: StoredDocument, found: Iterable[Found]
) -> Iterator[KeptChange]:
    name = str(stored.body.get("name") or item.get("name") or stored.erc)
    for path, wanted, here, reason in found:
        given, kept = _bare(wanted), _bare(here)
        if _text(given) != _text(kept):
            yield KeptChange(
                kind=kind,
                name=name,
                path=".".join(path).removesuffix(".value"),
                stored=kept,
                given=given,
                reason=reason,
            )


def _frozen(kind: str, item: Body, stored: StoredDocument) -> Iterator[Found]:
    """Yield what no update of the document changes."""
    is_published = stored.status == APPROVED
    for path, given, here in property_differences(
        kind, _comparable(kind, item), stored.body
    ):
        reason = kept_reason(kind, path, is_published=is_published)
        if reason and path[-1] != "DBType" and _is_stated(item, path, given):
            yield path, given, here, reason


def _left_alone(item: Body, stored: StoredDocument) -> Iterator[Found]:
    """Yield what a PATCH of a definition does not change."""
    code = (item.get("status") or {}).get("code")
    if code is not None and code != stored.status:
        yield ("status", "code"), code, stored.status, KeptReason.PARTIAL
    is_published = stored.status == APPROVED
    for path, given, here in property_differences(
        DEFINITION, _comparable(DEFINITION, item), stored.body
    ):
        if given is None or path[0] == "status":
            continue
        if is_left_alone(path[0], item.get(path[0])):
            yield path, given, here, KeptReason.PARTIAL
        elif kept_reason(DEFINITION, path, is_published=is_published):
            yield path, given, here, KeptReason.PUBLISHED


def _comparable(kind: str, item: Body) -> Body:
    """Return *item* with the types of its fields worked out."""
    if kind != DEFINITION or not item.get("objectFields"):
        return item
    fields = [
        field if is_relationship(field) else normal_field(field)
        for field in custom_fields(item["objectFields"])
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


def _is_misshapen(kind: str, item: Body) -> bool:
    return shape_fault(item, SHAPES[kind]) is not None


def _bare(value: Any) -> Any:
    """Return the value of a setting; any other as it is."""
    return (
        value["value"]
        if isinstance(value, dict) and value.keys() == {"value"}
        else value
    )


def _text(value: Any) -> str:
    """Return what tells values apart: files write true and 1 as texts, too."""
    if value is None or value is False:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return "" if text == "false" else text.strip()


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
