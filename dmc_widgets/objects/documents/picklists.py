"""What one item does to picklists, which Liferay calls list type definitions.

Rules and texts are those of ListTypeDefinitionResourceImpl and
ListTypeEntryLocalServiceImpl; see docs/liferay/objects.md, Picklists. Entries are
matched by key. Names of picklists are not unique, so the external reference code takes
the place of the name where documents are found by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...model.entity_type import LIST_TYPE_DEFINITION
from ...model.outcome import Problem
from ...model.strategies import Policy
from ..errors.document_problem_types import NameProblemType
from ..languages import NAMES, to_language_tag, write_languages
from ..names import check_label, get_translation, is_alphanumeric
from .change_set import (
    APPROVED,
    PICKLIST,
    Body,
    ChangeSet,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)
from .document_kind import (
    LABELS,
    SERVER_SET,
    DocumentKind,
    Operation,
    PartList,
    Shape,
    check_shape,
    choose_operation,
    convert_scalars,
    finish_change,
    resolve_erc,
)

_SERVER_SET: Final = SERVER_SET | {"status"}
_DEFAULT_LANGUAGE: Final = "en_US"

ENTRY_SHAPE: Final[Shape] = {
    "externalReferenceCode": str,
    "key": str,
    "name": str,
    "name_i18n": LABELS,
}
PICKLIST_SHAPE: Final[Shape] = {
    "defaultLanguageId": str,
    "externalReferenceCode": str,
    "listTypeEntries": [ENTRY_SHAPE],
    "name": str,
    "name_i18n": LABELS,
}


def change_picklist(
    item: Body, known: DocumentReader, policy: Policy, new_key: Callable[[], str]
) -> DocumentChange | Problem:
    """Decide what an item changes in the picklists.

    Args:
        item: The mapped item. It is not changed.
        known: What the installation holds.
        policy: The import strategy and the update strategy.
        new_key: Generates an external reference code for an item without one.
    """
    item = convert_scalars(item, PICKLIST_SHAPE)
    resolved = check_shape(item, PICKLIST_SHAPE) or resolve_erc(item, policy, new_key)
    if isinstance(resolved, Problem):
        return resolved
    erc, note = resolved
    stored = known.by_erc(PICKLIST, erc)
    operation = choose_operation(PICKLIST_KIND, erc, stored, policy)
    if isinstance(operation, Problem):
        return operation
    before = stored.body if stored else {}
    body = _compose(item | {"externalReferenceCode": erc}, operation, before)
    problem = _check_picklist(body)
    if problem:
        return problem
    changes = ChangeSet(known)
    own = changes.put(StoredDocument(PICKLIST, erc, erc, APPROVED, body))
    return finish_change(changes, own, operation, note)


def _compose(item: Body, operation: Operation, before: Body) -> Body:
    body = _remove_server_set(item)
    entries = [_remove_server_set(entry) for entry in body.get("listTypeEntries") or ()]
    if operation is Operation.PATCH:
        preserved = {
            name: before[name] for name in before if item.get(name, 0) is not None
        }
        body = preserved | body
        body["listTypeEntries"] = _merge_entries(before["listTypeEntries"], entries)
    else:
        old = {entry["key"]: entry for entry in before.get("listTypeEntries", ())}
        body["listTypeEntries"] = [
            _with_code_of(old.get(entry.get("key"), {}), entry) for entry in entries
        ]
    language = body.get("defaultLanguageId") or _DEFAULT_LANGUAGE
    stated = {entry.get("key"): entry for entry in entries}
    body["listTypeEntries"] = [
        _write_names(entry, stated.get(entry.get("key"), entry), language)
        for entry in body["listTypeEntries"]
    ]
    return _write_names(body, item, language)


def _remove_server_set(body: Body) -> Body:
    """Leave out the properties that an installation sets, and those without a value."""
    return {
        name: value
        for name, value in body.items()
        if value is not None and name not in _SERVER_SET
    }


def _merge_entries(stored: list[Body], entries: list[Body]) -> list[Body]:
    """Change and add *entries*; those that are not among them stay."""
    incoming = {entry.get("key"): entry for entry in entries}
    if len(incoming) < len(entries):
        return entries  # a key occurs twice, which the check will report
    changed = [entry | incoming.pop(entry["key"], {}) for entry in stored]
    return changed + list(incoming.values())


def _with_code_of(stored: Body, entry: Body) -> Body:
    """Keep the ERC of an entry whose item does not state one."""
    code = stored.get("externalReferenceCode")
    if entry.get("externalReferenceCode") or not code:
        return entry
    return entry | {"externalReferenceCode": code}


def _write_names(body: Body, stated: Body, language: str) -> Body:
    """Make the name of a picklist or an entry agree with its translations.

    As in Liferay, the translation in the default language counts, also beside a name.
    A name that comes alone changes that translation.

    Args:
        body: The picklist or the entry after the change.
        stated: What the item states of it.
        language: The default language.
    """
    if not body.get(NAMES):
        return body | {"name": body.get("name") or ""}
    texts = write_languages(body[NAMES], to_language_tag)
    default = to_language_tag(language)
    if stated.get("name") and not stated.get(NAMES):
        texts = texts | {default: stated["name"]}
    translated = get_translation(texts, language)
    if not translated and body.get("name"):
        texts = texts | {default: body["name"]}
    return body | {NAMES: texts, "name": translated or body.get("name") or ""}


def complete_names(picklist: Body) -> Body:
    """Return a picklist with the translations that a server gives out with it."""
    language = picklist.get("defaultLanguageId") or _DEFAULT_LANGUAGE
    entries = picklist.get("listTypeEntries") or ()
    return _complete_names(picklist, language) | {
        "listTypeEntries": [_complete_names(entry, language) for entry in entries]
    }


def _complete_names(body: Body, language: str) -> Body:
    texts = body.get(NAMES) or {to_language_tag(language): body.get("name")}
    return body | {NAMES: write_languages(texts, to_language_tag)}


def _check_picklist(body: Body) -> Problem | None:
    language = body.get("defaultLanguageId") or _DEFAULT_LANGUAGE
    problem = check_label({language: body["name"]}, language, "name", what="Name")
    if problem:
        return problem
    keys: set[str] = set()
    codes: set[str] = set()
    for entry in body["listTypeEntries"]:
        problem = _check_entry(entry, language) or _check_duplicate(entry, keys, codes)
        if problem:
            return problem
    return None


def _check_entry(entry: Body, language: str) -> Problem | None:
    key: Any = entry.get("key")
    where = "listTypeEntries.key"
    if not key:
        return NameProblemType.KEY_NULL.problem(where)
    if not is_alphanumeric(key):
        return NameProblemType.KEY_CHARACTERS.problem(where, key)
    where = f"listTypeEntries.{key}.name"
    return check_label({language: entry["name"]}, language, where, what="Name")


def _check_duplicate(entry: Body, keys: set[str], codes: set[str]) -> Problem | None:
    key, code = entry["key"], entry.get("externalReferenceCode")
    if key in keys:
        where = "listTypeEntries.key"
        return NameProblemType.KEY_DUPLICATE.problem(where, key, key=key)
    if code and code in codes:
        where = "listTypeEntries.externalReferenceCode"
        return NameProblemType.ENTRY_CODE_DUPLICATE.problem(where, code, erc=code)
    keys.add(key)
    codes.update({code} if code else ())
    return None


PICKLIST_KIND: Final = DocumentKind(
    name=PICKLIST,
    class_name=LIST_TYPE_DEFINITION,
    noun="list type definition",
    plural="picklists",
    application="Liferay Headless Admin List Type",
    scope_name="Liferay.Headless.Admin.List.Type",
    api="/o/headless-admin-list-type/v1.0",
    collection="list-type-definitions",
    add_permission="ADD_LIST_TYPE_DEFINITION",
    properties={
        "array": "listTypeEntries",
        "boolean": "system",
        "integer": "id",
        "object": "actions name_i18n",
        "string": "dateCreated dateModified defaultLanguageId externalReferenceCode "
        "name",
    },
    required=frozenset({"name"}),
    alternatives={"name": "name", "name_i18n": "name"},
    server_set=_SERVER_SET,
    shape=PICKLIST_SHAPE,
    change=change_picklist,
    referenced_by=("listTypeDefinitionExternalReferenceCode",),
    has_unique_names=False,
    part_lists=(PartList(label="keys", name="listTypeEntries", key="key"),),
)
