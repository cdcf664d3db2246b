"""The paths of definitions, folders, picklists and of their parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...objects.documents.change_set import FOLDER
from ...objects.documents.definitions import DEFINITION_KIND
from ...objects.documents.document_kind import DocumentKind
from ...objects.documents.picklists import PICKLIST_KIND
from ...objects.parts.part_kinds import (
    DEFINITION_PARTS,
    PICKLIST_ENTRY,
    RELATIONSHIP,
    VIEW,
    PartKind,
)
from .operations import (
    BY_ERC,
    PAGING,
    Paths,
    describe_batch,
    describe_export,
    describe_operation,
    query_parameters,
    resource_operations,
    tag_operations,
)

_BY_ERC_NAME: Final = "ByExternalReferenceCode"
_ALL_QUERIES: Final = "aggregationTerms filter page pageSize search sort"

_FILTERABLE: Final[Mapping[str, list[str]]] = {
    "ObjectDefinition": [
        "dateCreated",
        "dateModified",
        "hidden",
        "label",
        "name",
        "objectFolderExternalReferenceCode",
        "rootObjectDefinitionExternalReferenceCode",
        "status",
        "userId",
    ],
    "ObjectField": ["label", "state", "unique"],
    "ObjectRelationship": [
        "dateCreated",
        "dateModified",
        "edge",
        "label",
        "name",
        "system",
        "userId",
    ],
}
"""The properties that Liferay's documents name for filters."""


def plural_of(name: str) -> str:
    """Return the plural of the name of a schema, as in ``getListTypeEntriesPage``."""
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def document_paths(version: str, kind: DocumentKind) -> Paths:
    """Describe the paths of a kind of documents, and of the parts that they have."""
    name = kind.name
    path = f"/{version}/{kind.collection}"
    queries = PAGING if name == FOLDER else _ALL_QUERIES
    paths = _collection_paths(path, name, queries)
    for verb in ("delete", "put"):
        batch = f"{path}/batch"
        paths[batch][verb] = describe_batch(f"{verb}{name}Batch", batch, name)
    coded, single = f"{path}/{BY_ERC}", f"{path}/{{{_id_name(name)}}}"
    paths[coded] = resource_operations(coded, name, "get put", _BY_ERC_NAME)
    paths[single] = resource_operations(single, name, "delete get patch put")
    if kind is DEFINITION_KIND:
        _describe_accumulation(paths[path]["post"], paths[coded]["put"])
        paths |= _definition_part_paths(version, path)
    if kind is PICKLIST_KIND:
        paths |= _part_paths(version, path, (name, PICKLIST_ENTRY), _ALL_QUERIES)
    return tag_operations(paths, name)


def _id_name(name: str) -> str:
    return f"{name[0].lower()}{name[1:]}Id"


def _describe_accumulation(*operations: dict[str, Any]) -> None:
    for operation in operations:
        operation["parameters"] += query_parameters("accumulateError")


def _collection_paths(path: str, name: str, queries: str, owner: str = "") -> Paths:
    """Describe a list with GET and POST, and its batch paths for POST.

    Args:
        path: The path of the list.
        name: The name of the schema of its items.
        queries: The query parameters of the list, separated by spaces.
        owner: The name of the documents whose parts are listed.
    """
    page = f"{owner}{plural_of(name)}Page"
    batch, export = f"{path}/batch", f"{path}/export-batch"
    return _list_paths(path, name, queries, owner) | {
        batch: {"post": describe_batch(f"post{owner}{name}Batch", batch, name)},
        export: {
            "post": describe_export(
                f"post{page}ExportBatch", export, _export_queries(queries)
            )
        },
    }


def _export_queries(queries: str) -> str:
    left_out = {"aggregationTerms", "page", "pageSize"}
    return " ".join(name for name in queries.split() if name not in left_out)


def _list_paths(path: str, name: str, queries: str, owner: str = "") -> Paths:
    filterable = _FILTERABLE.get(name)
    extensions = {"filter": {"x-filterable": filterable}} if filterable else {}
    query = query_parameters(queries, extensions)
    operation_id = f"get{owner}{plural_of(name)}Page"
    return {
        path: {
            "get": describe_operation(operation_id, path, f"Page{name}", query=query),
            "post": describe_operation(f"post{owner}{name}", path, name, body=name),
        }
    }


def _definition_part_paths(version: str, path: str) -> Paths:
    name = DEFINITION_KIND.name
    paths: Paths = {}
    for part in DEFINITION_PARTS:
        queries = f"{'filter ' if part.is_filtered else ''}{PAGING} sort"
        paths |= _part_paths(version, path, (name, part), queries)
    coded = f"/{version}/{RELATIONSHIP.path}/{BY_ERC}"
    operations = resource_operations(coded, RELATIONSHIP.name, "put", _BY_ERC_NAME)
    paths |= tag_operations({coded: operations}, RELATIONSHIP.name)
    for operation_id, post, response in (
        (f"post{name}Publish", f"{path}/{{{_id_name(name)}}}/publish", name),
        (
            f"post{VIEW.name}Copy",
            f"/{version}/{VIEW.path}/{{{_id_name(VIEW.name)}}}/copy",
            VIEW.name,
        ),
    ):
        operation = describe_operation(operation_id, post, response)
        paths[post] = {"post": operation | {"tags": [response]}}
    return paths


def _part_paths(
    version: str, owners: str, kinds: tuple[str, PartKind], queries: str
) -> Paths:
    """Describe the parts of one kind: below their owners, and by their ids.

    Args:
        version: The version in the paths.
        owners: The path of the owners.
        kinds: The name of the owners, and the kind of the parts.
        queries: The query parameters of the lists, separated by spaces.
    """
    owner, part = kinds
    name = part.name
    own, coded = f"{owners}/{{{_id_name(owner)}}}", f"{owners}/{BY_ERC}"
    paths = _collection_paths(f"{own}/{part.path}", name, queries, owner)
    paths |= _list_paths(
        f"{coded}/{part.path}", name, queries, f"{owner}{_BY_ERC_NAME}"
    )
    batch = f"/{version}/{part.path}/batch"
    paths[batch] = {
        verb: describe_batch(f"{verb}{name}Batch", batch, name)
        for verb in ("delete", "put")
    }
    single = f"/{version}/{part.path}/{{{_id_name(name)}}}"
    verbs = "delete get patch put" if part.is_patched else "delete get put"
    paths[single] = resource_operations(single, name, verbs)
    return tag_operations(paths, name)
