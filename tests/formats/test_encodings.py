"""Encodings: those that are found, that are in doubt, and that are chosen."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Callable
from encodings.aliases import aliases
from pathlib import Path

import pytest

from dmc_widgets.errors import FileBroken, FileError, InvalidPlan
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.encoding_detection import (
    detect_encoding,
    sample_file,
    sample_stream,
)
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.encoding_names import (
    COMMON_ENCODINGS,
    canonical_encoding,
    codec_name,
)
from dmc_widgets.model.reading_options import (
    DETECT_ALL,
    ReadingOptions,
    reading_options_from_dict,
)
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.tasks.imports.file_head import read_head
from dmc_widgets.tasks.preview.sampling import take_sample
from tests.factories import zip_file
from tests.formats.encoded_texts import TEXTS

IN_DOUBT = {
    ("gb18030", "zh1"),
    ("gb18030", "zh2"),
    ("cp950", "tw1"),
    ("cp1250", "hu1"),
    ("cp1250", "hr1"),
    ("cp1253", "el"),
    ("iso8859_7", "el"),
    ("cp1255", "he"),
    ("cp1252", "it1"),
}
"""So few letters that another encoding makes as good a text of them."""


@pytest.mark.parametrize("key", TEXTS, ids="-".join)
def test_text_is_decoded_correctly_or_the_doubt_is_reported(
    key: tuple[str, str],
) -> None:
    """Nothing is stored as rubbish without a word."""
    data = TEXTS[key].encode(key[0])

    found = detect_encoding([data])

    assert bool(found.doubt) is (key in IN_DOUBT)
    if not found.doubt:
        assert data.decode(codec_name(found.encoding)) == TEXTS[key]


def test_doubt_names_what_would_be_different() -> None:
    assert detect_encoding(["id,city\n1,Győr\n".encode("cp1250")]) == (
        "Windows-1252",
        "The file is read as Windows-1252, but it could be Windows-1250: 1 value holds "
        "letters that differ, such as 'Gyõr', which would be 'Győr'. Choose the "
        "encoding if they are wrong.",
    )


@pytest.mark.parametrize(
    ("data", "doubt"),
    [
        pytest.param(
            "a,b\n1,é©þÐ\n2,Žf¬þÐ\n3,¤¦\n".encode("cp1252"),
            "which is not certain: 3 values hold characters that are rare there",
            id="rare-letters",
        ),
        pytest.param(
            bytes(range(128, 256)) * 3,
            "but holds bytes that are not text there",
            id="no-text-at-all",
        ),
        pytest.param(
            "a\nnaïve\n".encode() + b"caf\xe9\n",
            "read as UTF-8, but 1 value holds bytes that are not UTF-8; their records "
            "fail",
            id="a-damaged-byte",
        ),
    ],
)
def test_text_of_unknown_language_is_doubtful(data: bytes, doubt: str) -> None:
    assert doubt in detect_encoding([data]).doubt


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param("a\nč\n".encode("utf-32"), "UTF-32", id="utf-32-mark"),
        pytest.param("名前\n".encode("iso2022_jp"), "ISO-2022-JP", id="iso-2022-jp"),
        pytest.param(b"a;b\n1;caf\xe9", "Windows-1252", id="last-byte"),
        pytest.param(b"a\n1\n", "UTF-8", id="ascii"),
        pytest.param(b"", "UTF-8", id="nothing"),
    ],
)
def test_encoding_with_its_own_marks_is_certain(data: bytes, encoding: str) -> None:
    assert detect_encoding([data]) == (encoding, "")


# Samples

HEAD = b"id,name\n" + b"1,plain\n" * 40_000
TAIL = TEXTS["gb18030", "zh"].encode("gb18030") * 20


def plain(data: bytes) -> tuple[str, bytes]:
    return "a.csv", data


def gzipped(data: bytes) -> tuple[str, bytes]:
    return "a.csv.gz", gzip.compress(data, 1)


def zipped(data: bytes) -> tuple[str, bytes]:
    return "a.zip", bytes(zip_file(("a.csv", data)))


packings = pytest.mark.parametrize("pack", [plain, gzipped, zipped])


@packings
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(HEAD + TAIL, id="end-of-a-small-file"),
        pytest.param(HEAD * 8 + TAIL, id="end-of-a-large-file"),
        pytest.param(HEAD + TAIL * 200 + HEAD, id="middle"),
    ],
)
def test_letters_after_the_head_count(
    tmp_path: Path, data: bytes, pack: Callable[[bytes], tuple[str, bytes]]
) -> None:
    """A head of nothing but ASCII was taken for UTF-8, and the rest failed."""
    name, content = pack(data)
    path = tmp_path / name
    path.write_bytes(content)

    head = read_head(path)

    assert head.options.encoding == "GB18030"
    assert head.warnings == ()


@packings
def test_invalid_utf_8_after_the_head_is_reported(
    tmp_path: Path, pack: Callable[[bytes], tuple[str, bytes]]
) -> None:
    good = "1,naïve\n".encode()
    name, content = pack(b"id,name\n" + good * 9_000 + b"2,caf\xe9\n" + good * 9_000)
    path = tmp_path / name
    path.write_bytes(content)

    with open_source(path) as source:
        (warning,) = source.warnings
        failed = [
            record
            for record in source.records()
            if isinstance(record, UnreadableRecord)
        ]

    assert "read as UTF-8, but 1 value holds bytes that are not UTF-8" in warning
    assert [each.text for each in failed] == ["2,caf\ufffd"]


def test_records_before_damage_are_read(tmp_path: Path) -> None:
    """Looking for the encoding meets the damage first, and is not stopped by it."""
    path = tmp_path / "a.csv.gz"
    chance = random.Random(1)
    lines = "".join(f"{n},{chance.getrandbits(256):x}\n" for n in range(40_000))
    data = gzip.compress(f"id,name\n{lines}".encode(), 1)
    path.write_bytes(data[: len(data) // 2])

    with open_source(path) as source:
        records = source.records()
        first = next(records)
        assert isinstance(first, dict)
        assert first["id"] == "0"
        with pytest.raises(FileBroken):
            list(records)


class _Counted(io.BytesIO):
    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_little_of_a_large_file_is_read_for_its_encoding() -> None:
    data = HEAD * 80 + TAIL
    packed, file = _Counted(data), _Counted(data)

    streamed = sample_stream(packed)
    sampled = sample_file(file, len(data))

    assert len(data) > 24 * 1024 * 1024
    assert packed.taken <= 16 * 1024 * 1024 + 64 * 1024
    assert file.taken <= 1024 * 1024
    assert not streamed.is_whole
    assert not sampled.is_whole
    assert detect_encoding(sampled.pieces, is_whole=False).encoding == "GB18030"


def test_sample_of_places_is_read_in_the_encoding_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + "1,张伟\n".encode("gbk") * 200_000)

    sample = take_sample(path, 20, spread=True)

    assert sample.extent.sampling == "by place"
    assert list(sample.raw_records) == [{"id": "1", "name": "张伟"}] * 20


# Names

CODECS = sorted({name for name in aliases.values() if not name.endswith("_codec")})
TRANSFORMS = ("rot13", "hex", "base64", "zlib", "bz2", "quopri", "uu")
NO_FILES = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined")


@pytest.mark.parametrize("codec", sorted({*CODECS, "cp037"} - {"mbcs", "rot_13"}))
def test_any_text_codec_of_python_reads_a_table(codec: str) -> None:
    data = 'a,b\r\n1,"x\ny"\r\n'.encode(codec)
    options = ReadingOptions(encoding=codec)

    records = list(FORMATS["CSV"].read(io.BytesIO(data), source="a", options=options))

    assert records == [{"a": "1", "b": "x\ny"}]
    assert reading_options_from_dict(options.as_dict()) == options


@pytest.mark.parametrize(
    "name", [*TRANSFORMS, *NO_FILES, "aliases", "a\0b", "ü", "../os", "x" * 5000, " "]
)
def test_codec_that_is_not_a_text_encoding_is_refused(name: str) -> None:
    with pytest.raises(InvalidPlan, match="is not known"):
        ReadingOptions(encoding=name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("utf8", "UTF-8"),
        ("UTF_16", "UTF-16"),
        ("cp1252", "Windows-1252"),
        ("latin1", "Windows-1252"),
        ("ANSI", "Windows-1252"),
        ("cp1250", "Windows-1250"),
        ("Latin-2", "ISO-8859-2"),
        ("gbk", "GBK"),
        ("sjis", "Shift-JIS"),
        ("windows-31j", "Shift-JIS"),
        ("ibm037", "cp037"),
    ],
)
def test_encoding_has_one_name(name: str, shown: str) -> None:
    assert canonical_encoding(name) == shown
    assert canonical_encoding(shown) == shown


def test_older_templates_still_load() -> None:
    for name in ("UTF-8", "UTF-16", "Windows-1252", ""):
        assert reading_options_from_dict({"encoding": name}).encoding == name
    assert reading_options_from_dict({}) == DETECT_ALL


def test_usual_encodings_are_offered_by_their_names() -> None:
    assert [canonical_encoding(name) for name in COMMON_ENCODINGS] == list(
        COMMON_ENCODINGS
    )


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-32"])
def test_json_in_another_encoding_is_refused_or_fails(
    tmp_path: Path, encoding: str
) -> None:
    """JSON between systems is UTF-8 by its standard; nothing of it is guessed."""
    path = tmp_path / "a.json"
    path.write_bytes('[{"a":"Größe"}]'.encode(encoding))

    with pytest.raises(FileError, match="UTF-"), open_source(path) as source:
        assert not list(source.records())
