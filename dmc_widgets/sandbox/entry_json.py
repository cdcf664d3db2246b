"""An entry as the REST API shows it (objects facts, 2.3 and 3.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from ..model.large_text import LargeText
from ..objects.attachment_types import ATTACHMENT, CONTENT
from ..objects.definition_fields import is_relationship
from ..objects.field_types import is_true
from ..objects.localized import i18n_name
from ..objects.names import text_in
from ..ports import Item
from .calls import Call
from .objects_served import Served
from .pages import links

_TAG: Final = re.compile(r"<[^>]*>")
_AUTHOR: Final = {"additionalName": "", "contentType": "UserAccount"}


def shown_entry(call: Call, served: Served, item: Item) -> dict[str, Any]:
    """Build the JSON of an entry; nulls are left out.

    A localized field has the value of the language asked for, else that of the
    default language, and the map of all only where the client asks for it
    (``X-Accept-All-Languages``). Many-to-many relationships, and the contents of
    files, come only where they are asked for (``nestedFields``).
    """
    shown = {
        name: value
        for name, value in item.items()
        if value is not None and name not in served.linked
    }
    for field in served.definition["objectFields"]:
        name = field["name"]
        if is_true(field.get("localized")) and not is_relationship(field):
            _show_language(call, shown, name)
        if field["businessType"] == ATTACHMENT and name in shown:
            shown[name] = _shown_file(call, name, shown[name])
        if field["businessType"] == "RichText" and isinstance(shown.get(name), str):
            shown[f"{name}RawText"] = unescape(_TAG.sub("", shown[name]))
    if isinstance(shown.get("creator"), dict):
        shown["creator"] = shown["creator"] | _AUTHOR
    shown["actions"] = entry_actions(call, served, shown["id"])
    return shown


def entry_actions(call: Call, served: Served, number: int) -> dict[str, Any]:
    """Return what may be done with an entry."""
    path = f"{served.path}/{number}"
    return links(
        call,
        delete=f"DELETE {path}",
        get=f"GET {path}",
        replace=f"PUT {path}",
        update=f"PATCH {path}",
    )


def page_actions(call: Call, served: Served, path: str) -> dict[str, Any]:
    """Return what may be done with the entries; batches know no sites."""
    found = {"create": f"POST {path}", "get": f"GET {path}"}
    if not served.has_sites:
        found["createBatch"] = f"POST {path}/batch"
        found["deleteBatch"] = f"DELETE {path}/batch"
        found["updateBatch"] = f"PUT {path}/batch"
    return links(call, **dict(sorted(found.items())))


def _shown_file(call: Call, name: str, file: Any) -> Any:
    """Leave out a file's content, unless ``nestedFields`` names it."""
    if not isinstance(file, Mapping):
        return file
    shown = dict(file)
    content = shown.pop(CONTENT, None)
    if call.names("nestedFields") & {CONTENT, f"{name}.{CONTENT}"}:
        is_large = isinstance(content, LargeText)
        shown[CONTENT] = content.whole() if is_large else content
    return shown


def _show_language(call: Call, shown: dict[str, Any], name: str) -> None:
    values: Any = shown.get(i18n_name(name))
    if not isinstance(values, Mapping):
        return
    wanted = text_in(dict(values), call.language) if call.language else ""
    if wanted:
        shown[name] = wanted
    if not call.all_languages:
        del shown[i18n_name(name)]
