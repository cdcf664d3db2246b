"""Decode text: byte order marks, the codec of an encoding, and undecodable bytes.

Importing this module registers the error handler ``dmc-mark``, which replaces bytes
that an encoding cannot decode by :data:`UNDECODABLE`.
"""

from __future__ import annotations

import codecs
from typing import Final

from ..model.encoding_names import codec_name

UNDECODABLE: Final = "\udcff"
"""Half of a surrogate pair, which no sound text holds, in place of bad bytes."""

_BOMS_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BOMS_32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def declared_encoding(head: bytes) -> str:
    """Return the encoding that the first bytes state; empty if they do not.

    A byte order mark states it, and so do zeros at every other byte.
    """
    if head.startswith(_BOMS_32):
        return "UTF-32"
    if head.startswith(_BOMS_16) or utf_16_codec(head):
        return "UTF-16"
    return "UTF-8" if head.startswith(codecs.BOM_UTF8) else ""


def utf_16_codec(head: bytes) -> str:
    """Return the codec of UTF-16 without a mark, or nothing."""
    if head.startswith(_BOMS_16):
        return ""
    even, odd = head[0:400:2], head[1:400:2]
    if len(odd) < 2:
        return ""
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return ""


def find_codec(encoding: str, sample: bytes) -> str:
    """Return Python's name of the codec that reads *encoding* as found in *sample*."""
    if encoding == "UTF-16":
        marked = sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return "utf-16" if marked else utf_16_codec(sample) or "utf-16-le"
    return codec_name(encoding)


def decode_sample(sample: bytes, encoding: str) -> str:
    """Return the text of a file's first bytes, without a cut character at the end."""
    codec = find_codec(encoding, sample)
    return codecs.getincrementaldecoder(codec)("replace").decode(sample)


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    end = error.end if isinstance(error, UnicodeDecodeError) else 0
    return UNDECODABLE, end


codecs.register_error("dmc-mark", _mark_undecodable)
