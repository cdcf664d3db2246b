"""``*.batch-engine-data.json``: items, and where they belong.

It is what Liferay's batch client extensions hold and what its JSONT export writes.
Liferay finds the two parts by counting brackets, which texts with brackets upset;
here the file is read as the JSON that it is. Keys may come in any order, other
top-level keys are passed over.

What a ``*.batch-engine-data.json`` file says about the items in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO, TypeVar

from ...errors import FileUnreadable
from ...model.entity_type import DEFAULT_DELEGATE, class_name_key
from ...model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from ...model.record import Record, UnreadableRecord
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...ports import ExportHeader, Item
from .format import (
    iterate_elements,
    read_elements,
    read_separator,
    require_end,
    write_elements,
)
from .parser import JsonParser
from .values import to_json

# Of Liferay's batch engine (batch-engine facts, 2), which are not those of its form.
ENGINE_DEFAULTS = {
    "createStrategy": ImportStrategy.INSERT.value,
    "importStrategy": ErrorStrategy.STOP.value,
    "updateStrategy": UpdateStrategy.UPDATE.value,
}

EXISTING_ONLY = "existingOnly"
"""A parameter of ours: ``true`` means Only Update Records, which Liferay's batch engine
does not take for object entries. A file that Liferay is to take, too, states UPSERT."""

_ON_ERROR_FAIL = {"true": ErrorStrategy.STOP, "false": ErrorStrategy.CONTINUE}

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A file's own word on where its items belong and how they come in.

    Attributes:
        class_name: Liferay's DTO class.
        delegate: Of the configuration, else of its parameters, else ``DEFAULT``.
        policy: The strategies stated, and the batch engine's defaults for those
            that are not: INSERT, UPDATE, ON_ERROR_FAIL.
        parameters: All of them, as texts; those that are null are left out.
        field_mapping: Source field to target field; mostly empty.
    """

    class_name: str
    delegate: str = DEFAULT_DELEGATE
    policy: Policy
    parameters: dict[str, str] = field(default_factory=dict)
    field_mapping: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key of the entity type: class, or class and delegate."""
        return class_name_key(self.class_name, self.delegate)


def parse_configuration(data: Any, *, source: str) -> Configuration:
    """Build the configuration that stands in a file as *data*.

    Raises:
        FileUnreadable: It names no class, or a strategy that does not exist.
    """
    if not isinstance(data, dict):
        reason = "Its 'configuration' is no object."
        raise FileUnreadable(source, reason)
    class_name = data.get("className")
    if not isinstance(class_name, str) or not class_name:
        reason = "Its 'configuration' names no class in 'className'."
        raise FileUnreadable(source, reason)
    parameters = _parse_texts(data, "parameters", source)
    delegate = data.get("taskItemDelegateName")
    return Configuration(
        class_name=class_name,
        delegate=_format_text(delegate)
        or parameters.get("taskItemDelegateName")
        or DEFAULT_DELEGATE,
        policy=_parse_policy(parameters, source),
        parameters=parameters,
        field_mapping=_parse_texts(data, "fieldNameMappingMap", source),
    )


def _parse_policy(parameters: dict[str, str], source: str) -> Policy:
    import_strategy = _parse_choice(
        parameters, "createStrategy", ImportStrategy, source
    )
    if parameters.get(EXISTING_ONLY) == "true":
        import_strategy = ImportStrategy.UPDATE
    return Policy(
        import_strategy=import_strategy,
        update_strategy=_parse_choice(
            parameters, "updateStrategy", UpdateStrategy, source
        ),
        error_strategy=_parse_error_strategy(parameters, source),
    )


def _parse_error_strategy(parameters: dict[str, str], source: str) -> ErrorStrategy:
    """Read importStrategy; files made by hand and older ones say onErrorFail."""
    name = "onErrorFail"
    stated = parameters.get(name, "")
    if not stated or parameters.get("importStrategy"):
        return _parse_choice(parameters, "importStrategy", ErrorStrategy, source)
    found = _ON_ERROR_FAIL.get(stated.lower())
    if found is None:
        raise _unknown_choice(name, stated, "true, false", source)
    return found


def _parse_choice(
    parameters: dict[str, str], name: str, kind: type[ChoiceT], source: str
) -> ChoiceT:
    stated = parameters.get(name) or ENGINE_DEFAULTS[name]
    if stated not in {each.value for each in kind}:
        raise _unknown_choice(name, stated, ", ".join(kind), source)
    return kind(stated)


def _unknown_choice(name: str, stated: str, known: str, source: str) -> FileUnreadable:
    reason = f"Its configuration states {name} {stated!r}. Known: {known}."
    return FileUnreadable(source, reason)


def _parse_texts(data: dict[str, Any], key: str, source: str) -> dict[str, str]:
    found = data.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        reason = f"In its 'configuration', {key!r} is no object."
        raise FileUnreadable(source, reason)
    return {
        name: _format_text(value) for name, value in found.items() if value is not None
    }


def _format_text(value: Any) -> str:
    """Turn a value into the text that the batch engine's parameters hold."""
    if value is None:
        return ""
    return value if isinstance(value, str) else to_json(value).decode()


KEY_LIMIT = 10_000
"""Keys of the object that a file is; a batch engine file has a handful."""

_IMPORT_TASK = "/o/headless-batch-engine/v1.0/import-task/"
_ACTION_METHODS = {"createBatch": "POST", "deleteBatch": "DELETE", "updateBatch": "PUT"}


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
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield the items; see :class:`~dmc_widgets.ports.Format`."""
        del options, report
        text = JsonParser(stream, source=source)
        if text.peek() != "{":
            reason = "The file does not begin with '{', as a batch engine file does."
            raise FileUnreadable(source, reason)
        is_found = False
        for key in iterate_members(text):
            if key != "items":
                skip_value(text, key)
                continue
            if is_found:
                text.stop(f"A second 'items' follows, {text.place()}.")
            is_found = True
            require_items(text)
            yield from read_elements(text)
        require_end(text, "'}'")
        if not is_found:
            raise FileUnreadable(source, "The file is an object without 'items'.")

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write actions, configuration and items, in Liferay's lines and spaces."""
        stream.write(_format_head(header).encode())
        written = write_elements(items, stream)
        stream.write(b"]\n}")
        return written


def iterate_members(text: JsonParser) -> Iterator[str]:
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
        found = read_separator(text, "}")


def skip_value(text: JsonParser, key: str) -> int:
    """Move behind the value of *key* without holding it, if it is an array.

    Returns:
        How many elements the array has.
    """
    if text.peek() != "[":
        text.value(f"the value of {key!r}")
        return 0
    count = 0
    for _ in iterate_elements(text):
        found = text.many()
        count += len(found) or 1
        if not found:
            text.value(f"an element of {key!r}")
    return count


def require_items(text: JsonParser) -> None:
    """Make sure that the value of ``items`` begins as an array does.

    Raises:
        FileUnreadable: It does not.
    """
    if text.peek() != "[":
        raise FileUnreadable(text.source, "Its 'items' is no array.")


def _format_head(header: ExportHeader) -> str:
    kind = header.entity_type
    actions = ", ".join(
        f'"{name}": {{"href": "{_IMPORT_TASK}{kind.class_name}", "method": "{method}"}}'
        for name, method in _ACTION_METHODS.items()
    )
    configuration = to_json(_build_configuration(header)).decode()
    return (
        f'{{"actions":\n{{{actions}}},\n"configuration":\n{configuration},\n"items": ['
    )


def _build_configuration(header: ExportHeader) -> dict[str, Any]:
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
