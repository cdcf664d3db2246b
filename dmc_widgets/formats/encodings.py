"""In which encoding was a text saved? And how sure is that?

Byte order marks, UTF-16 and valid UTF-8 decide by themselves. For all other texts
charset-normalizer says which encodings are possible, and the letters of languages
(:mod:`.alphabets`) tell these apart. What remains in doubt is said, since values that
were stored in a wrong encoding cannot be put right.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from ..model.encodings import encoding_label
from .alphabets import FREQUENT, LANGUAGES, LETTERS, SYMBOLS, USUAL_BYTES

UNDECODABLE: Final = "\udcff"
"""Half of a surrogate pair, which no sound text holds, in place of bad bytes."""

_REPLACED: Final = "\ufffd"
_EVIDENCE_BYTES: Final = 64 * 1024
_JUDGED_BYTES: Final = 3 * 1024
"""Every candidate has to read the first; the second is judged letter by letter."""

_MOST_LINES: Final = 10_000
_CHAOS: Final = 0.4
"""What charset-normalizer finds more disorderly than this is not in its answer."""

_TELLING_CHARS: Final = 200
"""Of less text charset-normalizer's measure of disorder tells little."""

_SURE: Final = 0.9
_AHEAD: Final = 0.08
"""A reading is certain if it explains so much, and so much more than any other."""

_MARKS_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKS_32: Final = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_ISO_2022: Final = (b"\x1b$B", b"\x1b$@", b"\x1b(J")
_SINGLE_BYTE: Final = tuple(LANGUAGES)
_CANDIDATES: Final = (
    *("cp1252", "cp1250", "gb18030", "cp932", "cp950", "cp949", "euc_jp"),
    *_SINGLE_BYTE[2:],
)
_RARE: Final = frozenset(
    {
        *("iso8859_5", "iso8859_6", "iso8859_13", "iso8859_15", "koi8_r", "koi8_u"),
        *("cp850", "cp852", "cp866", "mac_roman", "cp874"),
    }
)
_RARE_WEIGHT: Final = 0.9
"""Few files are saved in these today, so they have to explain more than others."""

_NON_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_CELL_ENDS: Final = re.compile(r"[\r\n,;\t|\"]+")
_BETWEEN_LETTERS: Final = frozenset("’·´")
_ORDINALS: Final = frozenset("ªº")
_SHOWN_CHARS: Final = 30


class Detected(NamedTuple):
    """An encoding, and what a person should know about the choice.

    Attributes:
        encoding: Its name, as :class:`~dmc_widgets.model.reading.ReadingOptions`
            takes it.
        doubt: A sentence; empty where the encoding is certain.
    """

    encoding: str
    doubt: str = ""


class _Reading(NamedTuple):
    """A text, read in one encoding.

    Attributes:
        codec: Python's name of the encoding.
        text: The lines that were judged.
        quality: The share of characters beyond ASCII that are usual, from 0 to 1.
        rank: The quality, less for encodings that are rare.
        letters: Those of the language that explains most; empty for Chinese,
            Japanese and Korean.
    """

    codec: str
    text: str
    quality: float
    rank: float
    letters: frozenset[str]

    @property
    def label(self) -> str:
        return encoding_label(self.codec)


def detect_encoding(pieces: Sequence[bytes], *, is_whole: bool = True) -> Detected:
    """Return the encoding of a text, from samples of it.

    Args:
        pieces: The beginning of the file, and lines from further behind.
        is_whole: The pieces are the whole file.
    """
    head = pieces[0] if pieces else b""
    marked = marked_encoding(head)
    if marked:
        return Detected(marked)
    if any(mark in piece for piece in pieces for mark in _ISO_2022):
        return Detected("ISO-2022-JP")
    if all(_is_utf_8(piece, is_whole=is_whole) for piece in pieces):
        return Detected("UTF-8")
    where = "" if is_whole else " in the parts that were looked at"
    broken = _broken_utf_8(pieces, where)
    return broken or _legacy_encoding(pieces, where)


def marked_encoding(head: bytes) -> str:
    """Return the encoding that the first bytes state; empty if they do not.

    A byte order mark states it, and so do zeros at every other byte.
    """
    if head.startswith(_MARKS_32):
        return "UTF-32"
    if head.startswith(_MARKS_16) or wide_codec(head):
        return "UTF-16"
    return "UTF-8" if head.startswith(codecs.BOM_UTF8) else ""


def wide_codec(head: bytes) -> str:
    """Return the codec of UTF-16 without a mark, or nothing."""
    if head.startswith(_MARKS_16):
        return ""
    even, odd = head[0:400:2], head[1:400:2]
    if len(odd) < 2:
        return ""
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return ""


def _is_utf_8(piece: bytes, *, is_whole: bool) -> bool:
    """Return whether a piece is UTF-8; one of several may end within a character."""
    try:
        codecs.utf_8_decode(piece, "strict", is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _broken_utf_8(pieces: Iterable[bytes], where: str) -> Detected | None:
    """Return UTF-8 where it reads at least half of what is beyond ASCII."""
    lines = (x for piece in pieces for x in piece.splitlines() if not x.isascii())
    texts = [x.decode("utf-8", "replace") for x in islice(lines, _MOST_LINES)]
    bad = sum(text.count(_REPLACED) for text in texts)
    valid = sum(len(_NON_ASCII.findall(text)) for text in texts) - bad
    if not valid or valid < bad:
        return None
    values = sum(
        _REPLACED in value
        for text in texts
        if _REPLACED in text
        for value in _cells(text)
    )
    doubt = (
        f"The file is read as UTF-8, but {_values_hold(values)} bytes that are not "
        f"UTF-8{where}; their records fail. Choose the encoding if it is another."
    )
    return Detected("UTF-8", doubt)


def _evidence(pieces: Iterable[bytes], limit: int) -> bytes:
    """Return lines that hold more than ASCII, evenly from all pieces."""
    lines = [[x for x in piece.splitlines() if not x.isascii()] for piece in pieces]
    telling = [line for line in lines if line]
    share = limit // max(len(telling), 1)
    return b"\n".join(line for each in telling for line in _at_most(each, share))


def _at_most(lines: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for line in lines:
        yield line[:limit]
        size += len(line)
        if size >= limit:
            return


def _legacy_encoding(pieces: Sequence[bytes], where: str) -> Detected:
    """Choose among the encodings of one and two bytes a character."""
    evidence = _evidence(pieces, _EVIDENCE_BYTES)
    readings = sorted(
        _readings(evidence, _evidence(pieces, _JUDGED_BYTES)),
        key=lambda each: -each.rank,
    )
    if not readings:
        return Detected("Windows-1252", _no_reading(where))
    best = readings[0]
    rival = next((reading for reading in readings if reading.text != best.text), None)
    if best.quality < _SURE:
        return Detected(best.label, _rare_letters(evidence, best, rival, where))
    if rival and rival.rank > best.rank - _AHEAD:
        return Detected(best.label, _ambiguous(evidence, best, rival, where))
    return Detected(best.label)


def _readings(evidence: bytes, judged: bytes) -> Iterator[_Reading]:
    """Yield the text in every encoding that is possible, the usual ones first."""
    from charset_normalizer import from_bytes

    matches = from_bytes(
        judged,
        cp_isolation=[*_CANDIDATES],
        threshold=_CHAOS,
        preemptive_behaviour=False,
        enable_fallback=False,
    )
    chaos = {
        name: match.chaos for match in matches for name in match.could_be_from_charset
    }
    for codec in _CANDIDATES:
        try:
            evidence.decode(codec)
        except UnicodeDecodeError:
            continue
        text = judged.decode(codec)
        if codec not in chaos and len(text) > _TELLING_CHARS:
            continue
        share, letters = _usual_share(text, codec)
        trust = 1 if codec in USUAL_BYTES else min(1, len(text) / _TELLING_CHARS) / 2
        quality = round(share * (1 - trust * chaos.get(codec, _CHAOS)), 2)
        weight = _RARE_WEIGHT if codec in _RARE else 1
        yield _Reading(codec, text, quality, quality * weight, letters)


def _usual_share(text: str, codec: str) -> tuple[float, frozenset[str]]:
    placed: Counter[str] = Counter()
    total = 0
    is_wide = codec in USUAL_BYTES
    for match in _NON_ASCII.finditer(text):
        at = match.start()
        total += 1
        if is_wide or _is_well_placed(text, at):
            placed[text[at]] += 1
    if is_wide:
        usual = sum(n for char, n in placed.items() if _is_common(char, codec))
        return usual / total, frozenset()
    symbols = sum(placed[char] for char in SYMBOLS)
    shares = {
        name: (symbols + _explained(name, placed)) / total for name in LANGUAGES[codec]
    }
    name = max(shares, key=lambda each: shares[each])
    return shares[name], LETTERS[name]


def _explained(language: str, placed: Counter[str]) -> float:
    """Return how many of the letters are those of a language."""
    count = sum(placed[char] for char in LETTERS[language])
    if language not in FREQUENT or not count:
        return count
    frequent = sum(placed[char] for char in FREQUENT[language])
    return count * (0.5 + 0.5 * min(1, 2 * frequent / count))


def _is_well_placed(text: str, at: int) -> bool:
    """Return whether a character may stand where it does, as words are written."""
    char, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if char in _ORDINALS:
        return not after.isalpha()
    if unicodedata.category(char) == "Mn":
        return not before.isascii()
    if not char.isalpha():
        is_within = before.isalpha() and after.isalpha()
        return not is_within or char in _BETWEEN_LETTERS
    if char.isupper() and (before.islower() or (before.isalpha() and after.islower())):
        return False
    if ord(char) < 0x250:
        return True
    return not (before.isascii() and before.isalpha()) and not (
        after.isascii() and after.isalpha()
    )


def _is_common(char: str, codec: str) -> bool:
    code = int.from_bytes(char.encode(codec), "big")
    return any(low <= code <= high for low, high in USUAL_BYTES[codec])


def _rare_letters(
    evidence: bytes, best: _Reading, rival: _Reading | None, where: str
) -> str:
    known = best.letters | SYMBOLS
    cells = _cells(evidence.decode(best.codec))
    values = [value for value in cells if _holds_rare(value, best, known)]
    other = "" if rival is None else f", such as {rival.label}"
    return (
        f"The file is read as {best.label}, which is not certain: "
        f"{_values_hold(len(values))} characters that are rare there{where}"
        f"{_example(values)}. Choose another encoding if they are wrong{other}."
    )


def _holds_rare(value: str, best: _Reading, known: frozenset[str]) -> bool:
    if best.codec in USUAL_BYTES:
        return any(not x.isascii() and not _is_common(x, best.codec) for x in value)
    return any(
        not char.isascii() and (char not in known or not _is_well_placed(value, at))
        for at, char in enumerate(value)
    )


def _ambiguous(evidence: bytes, best: _Reading, rival: _Reading, where: str) -> str:
    texts = (evidence.decode(each.codec) for each in (best, rival))
    pairs = [
        (one, other)
        for one, other in zip(*map(_cells, texts), strict=False)
        if one != other
    ]
    shown = ""
    if pairs:
        one, other = (_shortened(each) for each in pairs[0])
        shown = f", such as {one!r}, which would be {other!r}"
    return (
        f"The file is read as {best.label}, but it could be {rival.label}: "
        f"{_values_hold(len(pairs))} letters that differ{where}{shown}. Choose the "
        "encoding if they are wrong."
    )


def _no_reading(where: str) -> str:
    return (
        "The file is read as Windows-1252, but holds bytes that are not text "
        f"there{where}. Choose the encoding that it was saved in."
    )


def _cells(text: str) -> list[str]:
    return [each for each in _CELL_ENDS.split(text) if each]


def _values_hold(number: int) -> str:
    return "1 value holds" if number == 1 else f"{number:,} values hold"


def _example(values: Sequence[str]) -> str:
    return f", such as {_shortened(values[0])!r}" if values else ""


def _shortened(value: str) -> str:
    return value if len(value) <= _SHOWN_CHARS else f"{value[:_SHOWN_CHARS]}…"


def _mark(error: UnicodeError) -> tuple[str, int]:
    end = error.end if isinstance(error, UnicodeDecodeError) else 0
    return UNDECODABLE, end


codecs.register_error("dmc-mark", _mark)
