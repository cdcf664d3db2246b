"""The JSON of single entries, and the links to what a client may do with them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from html import unescape
from typing import Any, Final
from urllib.parse import quote

from ...model.record import LargeText
from ...objects.company_ids import CREATOR_PROPERTIES
from ...objects.documents.definition_fields import is_relationship
from ...objects.fields.attachment import ATTACHMENT, CONTENT
from ...objects.fields.field_rules import is_true
from ...objects.fields.localized import i18n_name
from ...objects.names import ERC, get_translation
from ...objects.text import format_scalar
from ...ports import Item
from ..requests import ApiRequest, LanguageChoice
from ..served_objects import ServedObject
from .listing import action_links

_TAG: Final = re.compile(r"<[^>]*>")

JsonObject = dict[str, Any]


def render_entry(
    languages: LanguageChoice,
    served_object: ServedObject,
    item: Item,
    nested_fields: Collection[str] = (),
) -> JsonObject:
    """Build the JSON of an entry without its null properties and its links.

    A localized field has the value in the requested language, or else in the default
    one; its values in all languages are added only if the client asks for them
    (``X-Accept-All-Languages``). Many-to-many relationships and the contents of files
    are added only if *nested_fields* names them.

    Args:
        languages: The language of localized fields, or all of them.
        served_object: The object of the entry.
        item: The entry as the installation returns it.
        nested_fields: The nested fields that apply to the entry.
    """
    entry = {
        name: value
        for name, value in item.items()
        if value is not None and name not in served_object.linked
    }
    for field in served_object.definition["objectFields"]:
        name = field["name"]
        if is_true(field.get("localized")) and not is_relationship(field):
            _apply_language(languages, entry, name)
        if field["businessType"] == ATTACHMENT and name in entry:
            has_content = not {CONTENT, f"{name}.{CONTENT}"}.isdisjoint(nested_fields)
            entry[name] = _render_file(entry[name], has_content=has_content)
        if field["businessType"] == "Aggregation" and name in entry:
            entry[name] = format_scalar(entry[name])  # Liferay keeps it as a text
        if field["businessType"] == "RichText" and isinstance(entry.get(name), str):
            entry[f"{name}RawText"] = unescape(_TAG.sub("", entry[name]))
    if isinstance(entry.get("creator"), dict):
        entry["creator"] = entry["creator"] | CREATOR_PROPERTIES
    return entry


def entry_action_links(
    request: ApiRequest, served_object: ServedObject, item: Item, scope: str
) -> JsonObject:
    """Return the links to what the client may do with an entry.

    Each standalone action of the object has a link by its own name, as in Liferay.
    """
    path = f"{served_object.path}/{item['id']}"
    targets = {
        "delete": f"DELETE {path}",
        "get": f"GET {path}",
        "permissions": f"GET {path}/permissions",
        "replace": f"PUT {path}",
        "update": f"PATCH {path}",
    }

    site = f"/scopes/{quote(scope, safe='')}" if scope else ""
    coded = f"{site}/by-external-reference-code/{quote(str(item[ERC]), safe='')}"
    for name in served_object.standalone_actions:
        action = f"object-actions/{quote(name, safe='')}"
        targets[name] = f"PUT {served_object.path}{coded}/{action}"
    return action_links(request, **targets)


def page_action_links(
    request: ApiRequest, served_object: ServedObject, path: str
) -> JsonObject:
    """Return the links of a list of entries; batch paths have no sites."""
    targets = {"create": f"POST {path}", "get": f"GET {path}"}
    if not served_object.has_sites:
        targets["createBatch"] = f"POST {path}/batch"
        targets["deleteBatch"] = f"DELETE {path}/batch"
        targets["updateBatch"] = f"PUT {path}/batch"
    return action_links(request, **dict(sorted(targets.items())))


def _render_file(file: Any, *, has_content: bool) -> Any:
    """Return a file, with its content only if that is asked for."""
    if not isinstance(file, Mapping):
        return file
    body = dict(file)
    content = body.pop(CONTENT, None)
    if has_content:
        is_large = isinstance(content, LargeText)
        body[CONTENT] = content.whole() if is_large else content
    return body


def _apply_language(languages: LanguageChoice, entry: JsonObject, name: str) -> None:
    values: Any = entry.get(i18n_name(name))
    if not isinstance(values, Mapping):
        return
    language = languages.language
    translation = get_translation(dict(values), language) if language else ""
    if translation:
        entry[name] = translation
    if not languages.wants_all_languages:
        del entry[i18n_name(name)]
