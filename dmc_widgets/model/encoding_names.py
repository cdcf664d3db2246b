"""Names of text encodings, and the codecs of Python that read them.

As in browsers, a name that many files state wrongly means what these files hold:
ISO-8859-1 is read as Windows-1252, and GBK, Big5, Shift-JIS and EUC-KR as the
supersets of them that Windows writes.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from typing import Final

from ..errors import InvalidPlan

COMMON_ENCODINGS: Final = (
    *("UTF-8", "UTF-16", "Windows-1252", "Windows-1250", "Windows-1251"),
    *("ISO-8859-2", "ISO-8859-15", "GB18030", "Big5", "Shift-JIS", "EUC-KR"),
)
"""The common encodings that forms offer; the byte order of UTF-16 is detected."""

_LABELS: Final = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "iso8859-1": "Windows-1252",
    "gb18030": "GB18030",
    "gbk": "GBK",
    "gb2312": "GB2312",
    "big5": "Big5",
    "cp950": "Big5",
    "shift_jis": "Shift-JIS",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "euc_kr": "EUC-KR",
    "cp949": "EUC-KR",
    "koi8-r": "KOI8-R",
    "koi8-u": "KOI8-U",
    "iso2022_jp": "ISO-2022-JP",
}
_CODECS: Final = {
    "UTF-8": "utf-8-sig",
    "GBK": "gb18030",
    "GB2312": "gb18030",
    "Big5": "cp950",
    "Shift-JIS": "cp932",
    "EUC-KR": "cp949",
}
_ALIASES: Final = {
    "ansi": "cp1252",
    "windows31j": "cp932",
    "windows936": "gbk",
    "windows949": "cp949",
    "windows950": "cp950",
}
"""Names of other programs, without punctuation, and their names in Python."""

_WINDOWS: Final = re.compile(r"cp(125[0-8])")
_ISO: Final = re.compile(r"iso8859-([0-9]+)")
_NOT_TEXT: Final = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "charmap"}
)
"""Codecs of Python that decode bytes to text, but are not encodings of files."""


def canonical_encoding(name: str) -> str:
    """Return the one name by which an encoding is stored and shown.

    Args:
        name: Any name that Python knows, such as ``cp1250`` or ``latin-2``, in any
            spelling.

    Raises:
        InvalidPlan: Python has no text encoding of that name.
    """
    codec = _find_codec(name.strip().casefold())
    is_text = codec and getattr(codec, "_is_text_encoding", True)
    if codec is None or not is_text or codec.name.replace("_", "-") in _NOT_TEXT:
        reason = (
            f"The encoding {name!r} is not known. Give the name of a text encoding, "
            f"such as {', '.join(COMMON_ENCODINGS[:-1])} or {COMMON_ENCODINGS[-1]}."
        )
        raise InvalidPlan(reason)
    return encoding_label(codec.name)


def _find_codec(name: str) -> codecs.CodecInfo | None:
    joined = name.replace("-", "").replace("_", "").replace(" ", "")
    for spelling in (name, _ALIASES.get(joined, joined)):
        with suppress(LookupError, ValueError):
            return codecs.lookup(spelling)
    return None


def encoding_label(codec: str) -> str:
    """Return the shown name of the encoding that a codec of Python reads."""
    name = codecs.lookup(codec).name
    if name in _LABELS:
        return _LABELS[name]
    windows, iso = _WINDOWS.fullmatch(name), _ISO.fullmatch(name)
    if windows:
        return f"Windows-{windows[1]}"
    return f"ISO-8859-{iso[1]}" if iso else name


def codec_name(encoding: str) -> str:
    """Return the name of Python's codec for *encoding*."""
    return _CODECS.get(encoding) or codecs.lookup(encoding).name


def is_ascii_compatible(encoding: str) -> bool:
    """Return True if every byte of an ASCII character stands for that character.

    A file in such an encoding can be read from the end of any line on. UTF-16, EBCDIC
    and encodings that switch between alphabets are different.
    """
    codec = codec_name(encoding)
    if codec.startswith(("iso2022", "hz", "utf-7")):
        return False
    ascii_bytes = bytes(range(128))
    return (
        ascii_bytes.decode(codec, "replace").encode("ascii", "replace") == ascii_bytes
    )
