"""Items as JSON on a stream; large texts pass through piece by piece."""

from __future__ import annotations

import codecs
import re
import secrets
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from ..model.large_text import LargeText
from ..ports import Item
from .json_values import dumped, to_json


def write_item(item: Item, stream: BinaryIO, end: bytes = b"") -> None:
    """Write *item* as :func:`~.json_values.to_json` spells it, and *end* behind it."""
    try:
        data = dumped(item)
    except TypeError:  # rare: a number or a text of its own kind, or a large text
        for piece in _pieces(item):
            stream.write(piece)
        stream.write(end)
    else:
        stream.write(data + end)


def json_size(item: Item) -> int:
    """Return about how many bytes :func:`write_item` would write, without reading."""
    texts: list[LargeText] = []
    size = len(to_json(_marked(item, "", texts)))
    return size + sum(text.size for text in texts)


def _pieces(item: Item) -> Iterator[bytes]:
    """Yield the JSON of *item* without ever holding one of its large texts.

    The item is spelled with a mark in the place of each, and cut there. Nobody can
    write the mark beforehand.
    """
    mark = secrets.token_hex(16)
    texts: list[LargeText] = []
    spelled = to_json(_marked(item, mark, texts))
    at = 0
    for found in re.finditer(rb'"%s:([0-9]+)"' % mark.encode(), spelled):
        yield spelled[at : found.start() + 1]
        yield from _escaped(texts[int(found[1])])
        at = found.end() - 1
    yield spelled[at:]


def _marked(value: Any, mark: str, texts: list[LargeText]) -> Any:
    if isinstance(value, dict):
        return {key: _marked(each, mark, texts) for key, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, mark, texts) for each in value]
    if isinstance(value, LargeText):
        texts.append(value)
        return f"{mark}:{len(texts) - 1}"
    return value


def _escaped(text: LargeText) -> Iterator[bytes]:
    """Yield a text as it stands between the quotes of JSON."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in text.pieces():
        yield orjson.dumps(decoder.decode(piece))[1:-1]
