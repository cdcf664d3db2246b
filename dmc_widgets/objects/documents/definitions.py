"""What one item does to object definitions.

The rules follow Liferay's ObjectDefinitionResourceImpl: POST, PUT and PATCH, then the
relationships, picklists and the folder that the item names, then publishing when the
status code is 0. See docs/liferay/objects.md, Definitions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ...model.entity_type import OBJECT_DEFINITION
from ...model.outcome import NESTED_KEPT, Problem
from ...model.strategies import ImportStrategy, Policy
from ..languages import write_label_languages
from .change_set import (
    APPROVED,
    DEFINITION,
    DRAFT,
    FOLDER_CODE,
    SYSTEM_PREFIX,
    Body,
    ChangeSet,
    DocumentChange,
    DocumentReader,
    StoredDocument,
)
from .definition_bodies import (
    DEFINITION_DEFAULTS,
    DEFINITION_SERVER_SET,
    complete_definition,
    derive_output,
    has_parts_ignored_by_patch,
    patch_body,
    replace_body,
)
from .definition_checks import (
    check_active,
    check_definition,
    check_definition_name,
    check_publishable,
    check_status,
    find_definition_problems,
)
from .definition_fields import PICKLIST_TYPES, collect_picklist_keys
from .document_kind import (
    LABELS,
    READ_ONLY,
    DocumentKind,
    Operation,
    PartList,
    Shape,
    check_shape,
    choose_operation,
    convert_scalars,
    finish_change,
    is_stored,
    resolve_erc,
)
from .placeholders import ensure_folder, ensure_picklist
from .relationship_sync import link_definition, rename_placeholder

_SETTING: Final[Shape] = {"name": str}

FIELD_SHAPE: Final[Shape] = {
    "DBType": str,
    "businessType": str,
    "externalReferenceCode": str,
    "indexed": bool,
    "indexedAsKeyword": bool,
    "indexedLanguageId": str,
    "label": LABELS,
    "listTypeDefinitionExternalReferenceCode": str,
    "localized": bool,
    "name": str,
    "objectDefinitionExternalReferenceCode1": str,
    "objectFieldSettings": [_SETTING],
    "objectRelationshipExternalReferenceCode": str,
    "relationshipType": str,
    "required": bool,
    "state": bool,
    "type": str,
}

RELATIONSHIP_SHAPE: Final[Shape] = {
    "deletionType": str,
    "externalReferenceCode": str,
    "label": LABELS,
    "name": str,
    "objectDefinitionExternalReferenceCode2": str,
    "objectDefinitionName2": str,
    "objectField": FIELD_SHAPE,
    "type": str,
}

DEFINITION_SHAPE: Final[Shape] = {
    "accountEntryRestricted": bool,
    "active": bool,
    "defaultLanguageId": str,
    "enableCategorization": bool,
    "enableComments": bool,
    "enableFormContainer": bool,
    "enableFriendlyURLCustomization": bool,
    "enableIndexSearch": bool,
    "enableLocalization": bool,
    "enableObjectEntryDraft": bool,
    "enableObjectEntryHistory": bool,
    "enableObjectEntrySchedule": bool,
    "enableObjectEntrySubscription": bool,
    "enableObjectEntryVersioning": bool,
    "externalReferenceCode": str,
    "label": LABELS,
    "modifiable": bool,
    "name": str,
    "objectActions": [{"externalReferenceCode": str}],
    "objectDefinitionSettings": [_SETTING],
    "objectFields": [FIELD_SHAPE],
    "objectFolderExternalReferenceCode": str,
    "objectLayouts": [{}],
    "objectRelationships": [RELATIONSHIP_SHAPE],
    "objectValidationRules": [{"externalReferenceCode": str}],
    "objectViews": [{}],
    "panelCategoryKey": str,
    "pluralLabel": LABELS,
    "portlet": bool,
    "scope": str,
    "status": {"code": int},
    "storageType": str,
    "system": bool,
    "titleObjectFieldName": str,
}


def change_definition(
    item: Body, known: DocumentReader, policy: Policy, new_key: Callable[[], str]
) -> DocumentChange | Problem:
    """Decide what an item changes in the object definitions.

    Args:
        item: The mapped item. It is not changed.
        known: What the installation holds.
        policy: The import strategy and the update strategy.
        new_key: Generates an external reference code for an item without one.
    """
    item = convert_scalars(item, DEFINITION_SHAPE)
    resolved = check_shape(item, DEFINITION_SHAPE) or resolve_erc(item, policy, new_key)
    if isinstance(resolved, Problem):
        return resolved
    erc, note = resolved
    item = write_label_languages(_strip_name(item)) | {"externalReferenceCode": erc}
    stored = known.by_erc(DEFINITION, erc)
    operation = _choose_operation(item, stored, known, policy)
    if isinstance(operation, Problem):
        return operation
    own = _compose(item, operation, stored)
    if isinstance(own, Problem):
        return own
    problem = check_definition_name(own.body, known, own=stored)
    problem = problem or check_definition(own.body)
    if problem:
        return problem
    if operation is Operation.PATCH and has_parts_ignored_by_patch(item):
        note = note or NESTED_KEPT
    return _link_and_publish(ChangeSet(known), own, stored, (operation, note))


def collect_definition_problems(
    item: Body, known: DocumentReader, policy: Policy
) -> list[Problem]:
    """Return all problems of a definition that is added or replaced.

    They are those of the definition, its fields and its relationships; what depends on
    other documents is not looked at.

    Args:
        item: The definition. It is not changed.
        known: What the installation holds.
        policy: The strategies: what exists may be replaced, or may not.
    """
    item = convert_scalars(item, DEFINITION_SHAPE)
    problem = check_shape(item, DEFINITION_SHAPE)
    if problem:
        return [problem]
    erc = item.get("externalReferenceCode") or ""
    may_exist = policy.import_strategy is not ImportStrategy.INSERT
    stored = known.by_erc(DEFINITION, erc) if may_exist else None
    body = replace_body(_strip_name(item) | {"externalReferenceCode": erc}, stored)
    problem = check_definition_name(body, known, own=stored)
    problems = [problem] if problem else []
    problems += find_definition_problems(body)
    if (item.get("status") or {}).get("code") == APPROVED:
        was_published = stored is not None and stored.status == APPROVED
        problem = check_publishable(body, was_published=was_published)
        problems += [problem] if problem else []
    return problems


def _choose_operation(
    item: Body, stored: StoredDocument | None, known: DocumentReader, policy: Policy
) -> Operation | Problem:
    """Choose by the strategies; Liferay checks a new name before an ERC."""
    if policy.import_strategy is ImportStrategy.INSERT:
        problem = check_definition_name(item, known, own=None)
        if problem:
            return problem
    return choose_operation(
        DEFINITION_KIND, item["externalReferenceCode"], stored, policy
    )


def _strip_name(item: Body) -> Body:
    name = item.get("name")
    return item if name is None else item | {"name": name.strip()}


def _compose(
    item: Body, operation: Operation, stored: StoredDocument | None
) -> StoredDocument | Problem:
    """Return the definition that the item states, not yet linked to others."""
    was_published = stored is not None and stored.status == APPROVED
    if operation is Operation.PATCH and stored is not None:
        body, status = patch_body(item, stored), stored.status
    else:
        code = (item.get("status") or {}).get("code")
        problem = check_status(code, was_published=was_published)
        if problem:
            return problem
        body = replace_body(item, stored)
        status = APPROVED if was_published or code == APPROVED else DRAFT
    body["active"] = _resolve_active(body.get("active"), status, stored)
    name = body.get("name") or ""
    composed = StoredDocument(
        DEFINITION, body["externalReferenceCode"], name, status, body
    )
    return check_active(body, status) or composed


def _resolve_active(stated: Any, status: int, stored: StoredDocument | None) -> bool:
    """Keep *active* where the item does not state it; publishing switches it on."""
    if stated is not None:
        return bool(stated)
    if stored is not None and is_stored(stored) and stored.status == status:
        return bool(stored.body["active"])
    return status == APPROVED


def _link_and_publish(
    changes: ChangeSet,
    own: StoredDocument,
    stored: StoredDocument | None,
    decided: tuple[Operation, str],
) -> DocumentChange | Problem:
    """Link, publish, and collect the changes. The name has been checked to be free."""
    rename_placeholder(changes, own.name, own.erc)
    before = stored.body["objectRelationships"] if stored else ()
    problem = link_definition(changes, own, before)
    if problem:
        return problem
    final = changes.definition(own.erc)
    if final.status == APPROVED:
        was_published = stored is not None and stored.status == APPROVED
        problem = check_publishable(final.body, was_published=was_published)
        if problem:
            return problem
    _ensure_references(changes, final)
    operation, note = decided
    return finish_change(changes, final, operation, note)


def _ensure_references(changes: ChangeSet, definition: StoredDocument) -> None:
    """Add placeholders for the picklists and the folder that do not exist yet."""
    for field in definition.body["objectFields"]:
        if field["businessType"] in PICKLIST_TYPES:
            erc = field["listTypeDefinitionExternalReferenceCode"]
            ensure_picklist(changes, erc, collect_picklist_keys(field))
    folder = definition.body.get(FOLDER_CODE)
    if folder:
        ensure_folder(changes, folder)


DEFINITION_KIND: Final = DocumentKind(
    name=DEFINITION,
    class_name=OBJECT_DEFINITION,
    noun="object definition",
    plural="object definitions",
    application="Liferay Object Admin REST",
    scope_name="Liferay.Object.Admin.REST",
    api="/o/object-admin/v1.0",
    collection="object-definitions",
    add_permission="ADD_OBJECT_DEFINITION",
    properties={
        "array": "objectActions objectDefinitionSettings objectFields objectLayouts "
        "objectRelationships objectValidationRules objectViews permissions "
        "workflowDefinitionLinks",
        "boolean": "accountEntryRestricted active enableCategorization enableComments "
        "enableFormContainer enableFriendlyURLCustomization enableIndexSearch "
        "enableLocalization enableObjectEntryDraft enableObjectEntryHistory "
        "enableObjectEntrySchedule enableObjectEntrySubscription "
        "enableObjectEntryVersioning modifiable parameterRequired portlet system",
        "integer": "id",
        "object": "actions description label pluralLabel status",
        "string": "accountEntryRestrictedObjectFieldName className dateCreated "
        "dateModified defaultLanguageId externalReferenceCode friendlyURLSeparator "
        "name objectFolderExternalReferenceCode panelAppOrder panelCategoryKey "
        "restContextPath rootObjectDefinitionExternalReferenceCode scope storageType "
        "titleObjectFieldName",
    },
    required=frozenset({"label", "name", "pluralLabel", "scope"}),
    read_only=READ_ONLY
    | {
        "parameterRequired",
        "restContextPath",
        "rootObjectDefinitionExternalReferenceCode",
    },
    server_set=DEFINITION_SERVER_SET,
    shape=DEFINITION_SHAPE,
    change=change_definition,
    defaults=DEFINITION_DEFAULTS,
    referenced_by=(
        "objectDefinitionExternalReferenceCode",
        "objectDefinitionExternalReferenceCode1",
        "objectDefinitionExternalReferenceCode2",
        "rootObjectDefinitionExternalReferenceCode",
    ),
    builtin_prefix=SYSTEM_PREFIX,
    has_status=True,
    part_lists=(
        PartList(label="fields", name="objectFields", key="name"),
        PartList(label="relationships", name="objectRelationships", key="name"),
        PartList(label="actions", name="objectActions", key="name", holds_values=False),
        PartList(
            label="validation rules",
            name="objectValidationRules",
            key="name",
            holds_values=False,
        ),
        PartList(
            label="layouts",
            name="objectLayouts",
            key="name",
            holds_values=False,
            stays=True,
        ),
        PartList(
            label="views",
            name="objectViews",
            key="name",
            holds_values=False,
            stays=True,
        ),
    ),
    parse_body=complete_definition,
    derive=derive_output,
)
