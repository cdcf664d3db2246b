"""Detect the encoding of a text, and say how certain that is.

Byte order marks, UTF-16 and valid UTF-8 decide by themselves. For all other texts
charset-normalizer says which encodings are possible, and the letters of languages
(:mod:`.alphabets`) tell these apart. A doubt is reported, since values that were stored
in a wrong encoding cannot be repaired.

Samples of the text are its beginning, and whole lines from its middle and its end: an
encoding shows only where there is more than ASCII, which may be far from the beginning.
The bytes read for that are limited, so that looking at the head of a file stays fast: a
plain file is read at evenly spaced places, a packed one, which has to be unpacked from
its beginning, up to a limit.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import IO, Final, NamedTuple

from ..model.encoding_names import encoding_label
from .alphabets import FREQUENT, LANGUAGES, LETTERS, SYMBOLS, USUAL_BYTES
from .decoding import declared_encoding

_REPLACED: Final = "\ufffd"
_EVIDENCE_BYTES: Final = 64 * 1024
_SCORED_BYTES: Final = 3 * 1024
"""Every candidate has to read the first; the second is judged letter by letter."""

_MAX_LINES: Final = 10_000
_CHAOS_LIMIT: Final = 0.4
"""What charset-normalizer finds more disorderly than this is not in its answer."""

_MIN_RELIABLE_CHARS: Final = 200
"""Of less text charset-normalizer's measure of disorder tells little."""

_CERTAIN_QUALITY: Final = 0.9
_CERTAIN_MARGIN: Final = 0.08
"""A reading is certain if it explains so much, and so much more than any other."""

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
_EXCERPT_CHARS: Final = 30


class DetectedEncoding(NamedTuple):
    """An encoding, and what a person should know about the choice.

    Attributes:
        encoding: Its name, as :class:`.ReadingOptions`
            takes it.
        doubt: A sentence; empty where the encoding is certain.
    """

    encoding: str
    doubt: str = ""


class _Candidate(NamedTuple):
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


def detect_encoding(
    pieces: Sequence[bytes], *, is_whole: bool = True
) -> DetectedEncoding:
    """Return the encoding of a text, from samples of it.

    Args:
        pieces: The beginning of the file, and lines from further on.
        is_whole: The pieces are the whole file.
    """
    head = pieces[0] if pieces else b""
    marked = declared_encoding(head)
    if marked:
        return DetectedEncoding(marked)
    if any(mark in piece for piece in pieces for mark in _ISO_2022):
        return DetectedEncoding("ISO-2022-JP")
    if all(_is_utf_8(piece, is_whole=is_whole) for piece in pieces):
        return DetectedEncoding("UTF-8")
    where = "" if is_whole else " in the parts that were looked at"
    broken = _detect_broken_utf_8(pieces, where)
    return broken or _detect_legacy_encoding(pieces, where)


def _is_utf_8(piece: bytes, *, is_whole: bool) -> bool:
    """Return whether a piece is UTF-8; one of several may end within a character."""
    try:
        codecs.utf_8_decode(piece, "strict", is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _detect_broken_utf_8(
    pieces: Iterable[bytes], where: str
) -> DetectedEncoding | None:
    """Return UTF-8 where it reads at least half of what is beyond ASCII."""
    lines = (
        line for piece in pieces for line in piece.splitlines() if not line.isascii()
    )
    texts = [line.decode("utf-8", "replace") for line in islice(lines, _MAX_LINES)]
    bad = sum(text.count(_REPLACED) for text in texts)
    valid = sum(len(_NON_ASCII.findall(text)) for text in texts) - bad
    if not valid or valid < bad:
        return None
    values = sum(
        _REPLACED in value
        for text in texts
        if _REPLACED in text
        for value in _split_cells(text)
    )
    doubt = (
        f"The file is read as UTF-8, but {_count_values(values)} bytes that are not "
        f"UTF-8{where}; their records fail. Choose the encoding if it is another."
    )
    return DetectedEncoding("UTF-8", doubt)


def _collect_evidence(pieces: Iterable[bytes], limit: int) -> bytes:
    """Return lines that hold more than ASCII, evenly from all pieces."""
    lines = [
        [line for line in piece.splitlines() if not line.isascii()] for piece in pieces
    ]
    telling = [line for line in lines if line]
    share = limit // max(len(telling), 1)
    return b"\n".join(
        line for piece_lines in telling for line in _limit_bytes(piece_lines, share)
    )


def _limit_bytes(lines: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for line in lines:
        yield line[:limit]
        size += len(line)
        if size >= limit:
            return


def _detect_legacy_encoding(pieces: Sequence[bytes], where: str) -> DetectedEncoding:
    """Choose among the encodings of one and two bytes a character."""
    evidence = _collect_evidence(pieces, _EVIDENCE_BYTES)
    readings = sorted(
        _rank_candidates(evidence, _collect_evidence(pieces, _SCORED_BYTES)),
        key=lambda candidate: -candidate.rank,
    )
    if not readings:
        return DetectedEncoding("Windows-1252", _describe_undecodable(where))
    best = readings[0]
    rival = next((reading for reading in readings if reading.text != best.text), None)
    if best.quality < _CERTAIN_QUALITY:
        return DetectedEncoding(
            best.label, _describe_rare_letters(evidence, best, rival, where)
        )
    if rival and rival.rank > best.rank - _CERTAIN_MARGIN:
        return DetectedEncoding(
            best.label, _describe_ambiguity(evidence, best, rival, where)
        )
    return DetectedEncoding(best.label)


def _rank_candidates(evidence: bytes, judged: bytes) -> Iterator[_Candidate]:
    """Yield the text in every encoding that is possible, the usual ones first."""
    from charset_normalizer import from_bytes

    matches = from_bytes(
        judged,
        cp_isolation=[*_CANDIDATES],
        threshold=_CHAOS_LIMIT,
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
        if codec not in chaos and len(text) > _MIN_RELIABLE_CHARS:
            continue
        share, letters = _measure_usual_share(text, codec)
        trust = (
            1 if codec in USUAL_BYTES else min(1, len(text) / _MIN_RELIABLE_CHARS) / 2
        )
        quality = round(share * (1 - trust * chaos.get(codec, _CHAOS_LIMIT)), 2)
        weight = _RARE_WEIGHT if codec in _RARE else 1
        yield _Candidate(codec, text, quality, quality * weight, letters)


def _measure_usual_share(text: str, codec: str) -> tuple[float, frozenset[str]]:
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
        name: (symbols + _count_explained(name, placed)) / total
        for name in LANGUAGES[codec]
    }
    name = max(shares, key=lambda language: shares[language])
    return shares[name], LETTERS[name]


def _count_explained(language: str, placed: Counter[str]) -> float:
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


def _describe_rare_letters(
    evidence: bytes, best: _Candidate, rival: _Candidate | None, where: str
) -> str:
    known = best.letters | SYMBOLS
    cells = _split_cells(evidence.decode(best.codec))
    values = [value for value in cells if _has_rare_character(value, best, known)]
    other = "" if rival is None else f", such as {rival.label}"
    return (
        f"The file is read as {best.label}, which is not certain: "
        f"{_count_values(len(values))} characters that are rare there{where}"
        f"{_format_example(values)}. Choose another encoding if they are wrong{other}."
    )


def _has_rare_character(value: str, best: _Candidate, known: frozenset[str]) -> bool:
    if best.codec in USUAL_BYTES:
        return any(
            not char.isascii() and not _is_common(char, best.codec) for char in value
        )
    return any(
        not char.isascii() and (char not in known or not _is_well_placed(value, at))
        for at, char in enumerate(value)
    )


def _describe_ambiguity(
    evidence: bytes, best: _Candidate, rival: _Candidate, where: str
) -> str:
    texts = (evidence.decode(candidate.codec) for candidate in (best, rival))
    pairs = [
        (one, other)
        for one, other in zip(*map(_split_cells, texts), strict=False)
        if one != other
    ]
    example = ""
    if pairs:
        one, other = (_shorten(candidate) for candidate in pairs[0])
        example = f", such as {one!r}, which would be {other!r}"
    return (
        f"The file is read as {best.label}, but it could be {rival.label}: "
        f"{_count_values(len(pairs))} letters that differ{where}{example}. Choose the "
        "encoding if they are wrong."
    )


def _describe_undecodable(where: str) -> str:
    return (
        "The file is read as Windows-1252, but holds bytes that are not text "
        f"there{where}. Choose the encoding that it was saved in."
    )


def _split_cells(text: str) -> list[str]:
    return [cell for cell in _CELL_ENDS.split(text) if cell]


def _count_values(number: int) -> str:
    return "1 value holds" if number == 1 else f"{number:,} values hold"


def _format_example(values: Sequence[str]) -> str:
    return f", such as {_shorten(values[0])!r}" if values else ""


def _shorten(value: str) -> str:
    return value if len(value) <= _EXCERPT_CHARS else f"{value[:_EXCERPT_CHARS]}…"


PIECE_BYTES: Final = 64 * 1024
_WHOLE_BYTES: Final = 1024 * 1024
_PIECES: Final = 16
_STREAMED_BYTES: Final = 16 * 1024 * 1024


class TextSamples(NamedTuple):
    """Pieces of a text in their order, and whether they are all of it."""

    pieces: list[bytes]
    is_whole: bool


def sample_file(stream: IO[bytes], size: int) -> TextSamples:
    """Take samples of a file that can be read at any place.

    Args:
        stream: The file, at its beginning.
        size: Its size in bytes.
    """
    if size <= _WHOLE_BYTES:
        return TextSamples([stream.read(_WHOLE_BYTES)], is_whole=True)
    pieces = []
    for number in range(_PIECES):
        place = number * (size - PIECE_BYTES) // (_PIECES - 1)
        stream.seek(place)
        pieces.append(_trim_to_whole_lines(stream.read(PIECE_BYTES), is_head=not place))
    return TextSamples(pieces, is_whole=False)


def sample_stream(stream: IO[bytes]) -> TextSamples:
    """Take samples of a text that can only be read from its beginning.

    Pieces of ASCII alone say nothing and are left out. Of too many others every second
    one is taken, then every fourth, and so on.
    """
    pieces = iter(lambda: stream.read(PIECE_BYTES), b"")
    head = next(pieces, b"")
    samples: list[bytes] = []
    stride, telling, is_whole = 1, 0, True
    for piece in islice(pieces, _STREAMED_BYTES // PIECE_BYTES):
        is_whole = False
        if piece.isascii():
            continue
        if telling % stride == 0:
            samples.append(_trim_to_whole_lines(piece))
        telling += 1
        if len(samples) == _PIECES:
            samples, stride = samples[::2], stride * 2
    if is_whole:
        return TextSamples([head], is_whole=True)
    return TextSamples(
        [_trim_to_whole_lines(head, is_head=True), *samples], is_whole=False
    )


def _trim_to_whole_lines(piece: bytes, *, is_head: bool = False) -> bytes:
    """Leave out what may be half a line at both ends, and so half a character."""
    start = 0 if is_head else _first_line_end(piece)
    end = max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1
    if end <= start:
        return piece if is_head else b""
    return piece[start:end]


def _first_line_end(piece: bytes) -> int:
    ends = [at for at in (piece.find(b"\n"), piece.find(b"\r")) if at >= 0]
    return min(ends, default=len(piece)) + 1
