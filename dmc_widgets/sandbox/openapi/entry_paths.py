"""The paths of the entries of an object, named as Liferay names them.

``ObjectEntry`` in Liferay's names stands for the object: ``getTicket``,
``/{ticketId}``. Related entries are described from the parent's side, and on both
sides of a many-to-many relationship.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import Final

from ..served_objects import ServedObject
from .operations import (
    BY_ERC,
    Operations,
    Paths,
    describe_batch,
    describe_export,
    describe_operation,
    json_content,
    openapi_path,
    query_parameters,
    resource_operations,
    tag_operations,
)
from .schemas import list_of

_PERMISSIONS: Final = "PagePermission"
_SELECTION: Final = "fields nestedFields restrictFields"
_LIST: Final = (
    "aggregationTerms fields filter nestedFields page pageSize restrictFields search "
    "sort"
)
_EXPORT: Final = "filter search sort"
_BY_ERC_NAME: Final = "ByExternalReferenceCode"
_SCOPES: Final = "/scopes/{scopeKey}"
_SCOPE_NAME: Final = "ScopeScopeKey"
_CURRENT: Final = "by-external-reference-code/{currentExternalReferenceCode}"
_RELATED: Final = "{relatedExternalReferenceCode}"


def entry_paths(served_object: ServedObject, related: Mapping[str, str]) -> Paths:
    """Describe the paths of the entries of an object.

    Args:
        served_object: The object.
        related: The name of the other object by that of each relationship.
    """
    name = served_object.name
    base = _SCOPES if served_object.has_sites else ""
    scope = _SCOPE_NAME if served_object.has_sites else ""
    coded = f"{base}/{BY_ERC}"
    single = f"/{{{_lower_first(name)}Id}}"
    paths = _list_paths(served_object)
    paths[coded] = _entry_operations(coded, name, f"{scope}{_BY_ERC_NAME}")
    paths[single] = _entry_operations(single, name, name)
    paths |= _permission_paths(f"{single}/permissions", name)
    for action in served_object.standalone_actions:
        title = f"{name}{action[:1].upper()}{action[1:]}"
        by_code = f"put{scope}{_BY_ERC_NAME}{title}"
        for key, operation in ((single, f"put{title}"), (coded, by_code)):
            run = f"{key}/object-actions/{action}"
            paths[run] = {"put": describe_operation(operation, run, None)}
    for relationship, other in sorted(related.items()):
        paths |= _related_paths(name, base, scope, (relationship, other))
    return tag_operations(paths, name) | openapi_path("")


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _plural_of(served_object: ServedObject) -> str:
    """Return the plural of the name, which the path has in lower case."""
    name, plural = served_object.name, served_object.path.rpartition("/")[2]
    pairs = zip(name.lower(), plural, strict=False)
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return name[:same] + plural[same:]


def _list_paths(served_object: ServedObject) -> Paths:
    """Describe the list and its batch paths, for a site if the object has sites."""
    name = served_object.name
    base, one, page = "", name, f"{_plural_of(served_object)}Page"
    if served_object.has_sites:
        base, one, page = _SCOPES, _SCOPE_NAME, f"{_SCOPE_NAME}Page"
    path, batch, export = base or "/", f"{base}/batch", f"{base}/export-batch"
    listed = describe_operation(
        f"get{page}", path, f"Page{name}", query=query_parameters(_LIST)
    )
    return {
        path: {
            "get": listed,
            "post": describe_operation(f"post{one}", path, name, body=name),
        },
        batch: {
            verb: describe_batch(f"{verb}{one}Batch", batch, name)
            for verb in ("delete", "post", "put")
        },
        export: {"post": describe_export(f"post{page}ExportBatch", export, _EXPORT)},
    }


def _entry_operations(path: str, name: str, operation_name: str) -> Operations:
    """Describe the requests for one entry; *operation_name* ends their names."""
    operations = resource_operations(path, name, "delete get patch put")
    for verb, operation in operations.items():
        operation["operationId"] = f"{verb}{operation_name}"
    operations["get"]["parameters"] += query_parameters(_SELECTION)
    return operations


def _permission_paths(path: str, name: str) -> Paths:
    page = f"{name}PermissionsPage"
    query = query_parameters(f"{_SELECTION} roleNames")
    return {
        path: {
            "get": describe_operation(f"get{page}", path, _PERMISSIONS, query=query),
            "put": describe_operation(
                f"put{page}",
                path,
                _PERMISSIONS,
                body=json_content(list_of("Permission")),
            ),
        }
    }


def _related_paths(
    name: str, base: str, scope: str, relation: tuple[str, str]
) -> Paths:
    """Describe the paths of related entries, by id and by ERC.

    Args:
        name: The name of the object.
        base: The beginning of the paths by ERC.
        scope: The beginning of the names of their operations.
        relation: The names of the relationship and of the other object.
    """
    relationship, other = relation
    title = f"{name}{relationship[:1].upper()}{relationship[1:]}"
    related = _lower_first(other) if other != name else f"related{other}"
    by_code = f"{scope}{_BY_ERC_NAME}{title}"
    paths: Paths = {}
    for path, last, listed, one in (
        (
            f"/{{{_lower_first(name)}Id}}/{relationship}",
            f"{{{related}Id}}",
            f"get{title}{other}Page",
            f"{title}{other}",
        ),
        (
            f"{base}/{_CURRENT}/{relationship}",
            _RELATED,
            f"get{by_code}Page",
            f"{by_code}{other}",
        ),
    ):
        query = query_parameters(_LIST)
        paths[path] = {
            "get": describe_operation(listed, path, f"Page{other}", query=query)
        }
        single = f"{path}/{last}"
        paths[single] = {
            "delete": describe_operation(f"delete{one}", single, None),
            "put": describe_operation(f"put{one}", single, other),
        }
    return paths
