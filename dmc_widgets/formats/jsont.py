"""``*.batch-engine-data.json``: items, and where they belong.

It is what Liferay's batch client extensions hold and what its JSONT export writes.
Liferay finds the two parts by counting brackets, which texts with brackets upset;
here the file is read as the JSON that it is. Keys may come in any order, other
top-level keys are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from ..errors import FileUnreadable
from ..model.entity import DEFAULT_DELEGATE
from ..model.reading import AS_FOUND, ReadingOptions, ReadingReport
from ..model.record import Record, Unreadable
from ..ports import ExportHeader, Item
from .configuration import ENGINE_DEFAULTS
from .json_array import elements, next_separator, places, require_end, write_joined
from .json_text import JsonText
from .json_values import to_json

KEY_LIMIT = 10_000
"""Keys of the object that a file is; a batch engine file has a handful."""

_IMPORT_TASK = "/o/headless-batch-engine/v1.0/import-task/"
_METHODS = {"createBatch": "POST", "deleteBatch": "DELETE", "updateBatch": "PUT"}


class JsontFormat:
    """Configuration and items in one object, laid out byte by byte as in Liferay.

    Written files state company and user 0: the importing side puts its own.
    """

    name = "JSONT"
    extension = "batch-engine-data.json"
    can_read = True
    can_write = True

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = AS_FOUND,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | Unreadable]:
        """Yield the items; see :class:`~dmc_widgets.ports.Format`."""
        del options, report
        text = JsonText(stream, source=source)
        if text.peek() != "{":
            reason = "The file does not begin with '{', as a batch engine file does."
            raise FileUnreadable(source, reason)
        is_found = False
        for key in members(text):
            if key != "items":
                skip(text, key)
                continue
            if is_found:
                text.stop(f"A second 'items' follows, {text.place()}.")
            is_found = True
            require_items(text)
            yield from elements(text)
        require_end(text, "'}'")
        if not is_found:
            raise FileUnreadable(source, "The file is an object without 'items'.")

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write actions, configuration and items, in Liferay's lines and spaces."""
        stream.write(_head(header).encode())
        written = write_joined(items, stream)
        stream.write(b"]\n}")
        return written


def members(text: JsonText) -> Iterator[str]:
    """Yield the keys of the object that begins here, and move behind it.

    After each key *text* stands at its value; the caller moves it behind that.

    Raises:
        FileBroken: The object is malformed or cut off.
    """
    text.step()
    if text.peek() == "}":
        text.step()
        return
    found = ","
    count = 0
    while found == ",":
        text.peek()
        count += 1
        if count > KEY_LIMIT:
            text.stop(f"The object has more than {KEY_LIMIT:,} keys, {text.place()}.")
        place = text.place()
        key = text.value("a key").value
        if not isinstance(key, str):
            text.stop(f"A key is expected, {place}.")
        if text.peek() != ":":
            text.stop(f"A ':' is expected after the key {key!r}, {place}.")
        text.step()
        text.peek()
        yield key
        found = next_separator(text, "}")


def skip(text: JsonText, key: str) -> int:
    """Move behind the value of *key* without holding it, if it is an array.

    Returns:
        How many elements the array has.
    """
    if text.peek() != "[":
        text.value(f"the value of {key!r}")
        return 0
    count = 0
    for _ in places(text):
        found = text.many()
        count += len(found) or 1
        if not found:
            text.value(f"an element of {key!r}")
    return count


def require_items(text: JsonText) -> None:
    """Make sure that the value of ``items`` begins as an array does.

    Raises:
        FileUnreadable: It does not.
    """
    if text.peek() != "[":
        raise FileUnreadable(text.source, "Its 'items' is no array.")


def _head(header: ExportHeader) -> str:
    kind = header.entity_type
    actions = ", ".join(
        f'"{name}": {{"href": "{_IMPORT_TASK}{kind.class_name}", "method": "{method}"}}'
        for name, method in _METHODS.items()
    )
    configuration = to_json(_configuration(header)).decode()
    return (
        f'{{"actions":\n{{{actions}}},\n"configuration":\n{configuration},\n"items": ['
    )


def _configuration(header: ExportHeader) -> dict[str, Any]:
    """Return the keys in Liferay's order, which is that of the alphabet."""
    parameters = {
        "containsHeaders": "true" if header.include_headers else "false",
        **ENGINE_DEFAULTS,
        **header.parameters,
    }
    found: dict[str, Any] = {
        "callbackURL": None,
        "className": header.entity_type.class_name,
        "companyId": 0,
        "multiCompany": False,
        "parameters": dict(sorted(parameters.items())),
    }
    if header.entity_type.delegate != DEFAULT_DELEGATE:
        found["taskItemDelegateName"] = header.entity_type.delegate
    return found | {"userId": 0, "version": "v1.0"}
