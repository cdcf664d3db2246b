"""JSONT, ``*.batch-engine-data.json``: items, and where they belong.

Liferay's batch client extensions consist of such files, and its JSONT export writes
them. Liferay finds the two parts by counting brackets, which goes wrong if a text
holds one; here the file is parsed as JSON. Keys may come in any order, and other
top-level keys are skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any, BinaryIO, Final, cast

from ...errors import FileUnreadable
from ...model.entity_type import DEFAULT_DELEGATE
from ...model.item_pages import ItemPage
from ...model.record import Record, UnreadableRecord
from ...ports import ExportHeader, FileSample, FormatInfo, Item, RecognisedFile
from .batch_configuration import ENGINE_DEFAULTS, BatchConfiguration
from .element_ranges import ElementRanges, PassedT, PassElements, pass_items
from .layout import JsonLayout, inspect_json
from .parser import JsonParser
from .values import to_json, write_elements, write_item

_DELEGATE: Final = "taskItemDelegateName"
_IMPORT_TASK = "/o/headless-batch-engine/v1.0/import-task/"
_ACTION_METHODS = {"createBatch": "POST", "deleteBatch": "DELETE", "updateBatch": "PUT"}


class JsontFormat(ElementRanges):
    """Configuration and items in one object, laid out byte by byte as in Liferay.

    Written files state company and user 0: the importing side puts its own.

    Args:
        configuration: The configuration of the file that is read.

    Attributes:
        configuration: The configuration of the file; None for no file in particular.
    """

    info = FormatInfo(
        name="JSONT",
        extension="batch-engine-data.json",
        suffixes=(".batch-engine-data.json",),
        files="a *.batch-engine-data.json file",
    )

    def __init__(self, configuration: BatchConfiguration | None = None) -> None:
        self.configuration = configuration

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Recognise an object that holds a configuration and items."""
        facts = sample.once(inspect_json)
        if facts.layout is not JsonLayout.BATCH_ENGINE:
            return None
        for note in facts.configuration.notes if facts.configuration else ():
            sample.report.warn(note)
        return RecognisedFile(JsontFormat(facts.configuration), sample.options)

    def pass_file(
        self, text: JsonParser, elements: PassElements[PassedT], *, is_within: bool
    ) -> Iterator[PassedT]:
        """Pass the items; see :class:`.ElementRanges`."""
        if not is_within and text.peek() != "{":
            reason = "The file does not begin with '{', as a batch engine file does."
            raise FileUnreadable(text.source, reason)
        yield from pass_items(text, elements, is_within=is_within)

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write actions, configuration and items, in Liferay's lines and spaces."""
        return self.write_pages([items], stream, header)

    def write_pages(
        self, pages: Iterable[ItemPage], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write the same from pages; see :class:`.PageWriter`."""
        stream.write(_format_head(header).encode())
        written = write_elements(pages, stream)
        stream.write(b"]\n}")
        return written


def write_batch_file(
    configuration: dict[str, Any],
    records: Iterable[Record | UnreadableRecord],
    stream: IO[bytes],
) -> None:
    """Write a configuration as it was stated, and records as they were read.

    What cannot be read as a record cannot be read from the copy either.
    """
    stream.write(b'{"configuration":' + to_json(configuration) + b',\n"items":[')
    separator = b"\n"
    for record in records:
        stream.write(separator)
        separator = b",\n"
        if isinstance(record, UnreadableRecord):
            stream.write(to_json(record.text))
        else:
            write_item(record, cast("BinaryIO", stream))
    stream.write(b"\n]}")


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
    """Return the keys in Liferay's order, which is that of the alphabet.

    The delegate is a parameter, too: the job that posts a file posts only these.
    """
    delegate = header.entity_type.delegate
    stated = {} if delegate == DEFAULT_DELEGATE else {_DELEGATE: delegate}
    parameters = {
        "containsHeaders": "true" if header.include_headers else "false",
        **ENGINE_DEFAULTS,
        **stated,
        **header.parameters,
    }
    configuration: dict[str, Any] = {
        "callbackURL": None,
        "className": header.entity_type.class_name,
        "companyId": 0,
        "multiCompany": False,
        "parameters": dict(sorted(parameters.items())),
    }
    return {**configuration, **stated, "userId": 0, "version": "v1.0"}
