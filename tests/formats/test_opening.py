"""Files as they come in: plain ones, and zips, which are met with suspicion."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import (
    FileBroken,
    FileError,
    FileUnreadable,
)
from dmc_widgets.formats.source import open_source
from tests.factories import zip_file

TWO = b'[{"a":1},{"a":2}]'


def with_size(data: bytearray, **sizes: int) -> bytearray:
    """Write other sizes into both headers of a zip with one entry."""
    central = data.index(b"PK\x01\x02")
    for name, size in sizes.items():
        shift = {"packed": 0, "unpacked": 4}[name]
        for place in (18 + shift, central + 20 + shift):
            data[place : place + 4] = size.to_bytes(4, "little")
    return data


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(zip_file(("plums.json", TWO)), id="deflated"),
        pytest.param(
            zip_file(("plums.json", TWO), method=zipfile.ZIP_STORED), id="stored"
        ),
        pytest.param(
            zip_file(
                ("data/", b""),
                ("__MACOSX/data/._plums.json", b"\0"),
                ("data/.DS_Store", b"\0"),
                ("data/plums.json", TWO),
            ),
            id="in-a-folder-beside-what-macos-adds",
        ),
        pytest.param(zip_file(("pl..ums..json", TWO)), id="two-dots-in-a-name"),
    ],
)
def test_one_file_in_a_zip_is_read(tmp_path: Path, data: bytes) -> None:
    """Whatever the zip itself is called."""
    path = tmp_path / "upload-17.bin"
    path.write_bytes(data)

    with open_source(path, name="plums.zip") as source:
        assert source.name.endswith(".json")
        assert source.size == len(TWO)
        assert list(source.records()) == [{"a": 1}, {"a": 2}]
        assert source.position == len(TWO)


def test_name_of_an_entry_is_harmless_to_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "plums.zip"
    path.write_bytes(zip_file(("čš\x1b[31m\u202e.json", TWO)))

    with open_source(path) as source:
        assert source.name == "čš\ufffd[31m\ufffd.json"


def test_records_can_be_read_again_from_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "plums.zip"
    path.write_bytes(zip_file(("plums.jsonl", b'{"a":1}\n{"a":2}\n')))

    with open_source(path) as source:
        assert next(source.records()) == {"a": 1}
        assert list(source.records()) == [{"a": 1}, {"a": 2}]
        source.close()
        source.close()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            zip_file(), "The zip holds no file. It must hold exactly one.", id="none"
        ),
        pytest.param(
            zip_file(("a/", b""), ("__MACOSX/x", b"")),
            "The zip holds no file. It must hold exactly one.",
            id="folders-only",
        ),
        pytest.param(
            zip_file(("a.json", TWO), ("b.json", TWO)),
            "The zip holds 2 files ('a.json', 'b.json'). Zip one of them alone.",
            id="two",
        ),
        pytest.param(
            zip_file(*((f"{number}.json", TWO) for number in range(1500))),
            "The zip holds 1,500 files ('0.json', '1.json', '2.json', '3.json', "
            "'4.json', …). Zip one of them alone.",
            id="many",
        ),
        *(
            pytest.param(
                zip_file((name, TWO)),
                f"The zip holds the unsafe name {name!r}. Zip the file alone.",
                id=name,
            )
            for name in (
                "../a.json",
                "a/../../b.json",
                "a/..",
                "/etc/a.json",
                "C:/a.json",
                "c:a.json",
                "..\\a.json",
                "a\\b.json",
                "\\\\host\\a.json",
            )
        ),
        pytest.param(
            zip_file(("inner.ZIP", bytes(zip_file(("a.json", TWO))))),
            "The zip holds another zip, 'inner.ZIP'. Import that one.",
            id="nested",
        ),
        pytest.param(
            zip_file(("a.json", TWO), method=zipfile.ZIP_LZMA),
            "The file 'a.json' uses an unusual compression method. "
            "Zip it with Deflate.",
            id="lzma",
        ),
        pytest.param(
            with_size(zip_file(("a.json", TWO)), packed=2**19, unpacked=2**29),
            "The file 'a.json' would grow to more than 500 times its packed size, "
            "as no file of records does. Unpack it and import it itself.",
            id="bomb",
        ),
        pytest.param(
            with_size(zip_file(("a.json", TWO)), packed=2**30, unpacked=2**31),
            "The file 'a.json' would grow to more than 500 times its packed size, "
            "as no file of records does. Unpack it and import it itself.",
            id="bomb-with-a-lie-about-its-packed-size",
        ),
        pytest.param(
            zip_file(("a.json", TWO))[:-30],
            "The packed file is damaged. Get it again.",
            id="cut-off",
        ),
        pytest.param(
            b"PK\x03\x04", "The packed file is damaged. Get it again.", id="head"
        ),
    ],
)
def test_zip_that_does_not_hold_one_harmless_file_is_refused(
    read_file: Callable[..., list[Any]], data: bytes, message: str
) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_file(data, "plums.zip")

    assert str(caught.value) == f"plums.zip: {message}"


def test_encrypted_entry_is_refused(read_file: Callable[..., list[Any]]) -> None:
    data = zip_file(("a.json", TWO))
    for place in (6, data.index(b"PK\x01\x02") + 8):
        data[place] |= 1  # the flag is all that is looked at

    with pytest.raises(FileUnreadable) as caught:
        read_file(data, "plums.zip")

    assert str(caught.value) == (
        "plums.zip: The file 'a.json' in the zip is encrypted. "
        "Zip it without a password."
    )


def test_blank_attachment_is_not_refused_as_a_zip_bomb(
    read_file: Callable[..., list[Any]],
) -> None:
    """Its content packs into a thousandth, and the export that holds it is ours."""
    content = b"A" * 4 * 2**20
    data = zip_file(("a.json", b'[{"scan":"' + content + b'"}]'))

    (record,) = read_file(data)

    assert record["scan"].whole() == content.decode()


def test_entry_that_is_longer_than_it_says_is_broken(
    read_file: Callable[..., list[Any]],
) -> None:
    """No more is read than the header says, and the checksum tells."""
    data = with_size(zip_file(("a.json", TWO)), unpacked=len(TWO) - 1)

    with pytest.raises(FileError) as caught:
        read_file(data)

    assert str(caught.value) == "a.json: The packed file is damaged. Get it again."


def test_records_before_the_damage_are_read(tmp_path: Path) -> None:
    lines = b"".join(
        b'{"a":"%030x"}\n' % random.Random(n).getrandbits(120) for n in range(30_000)
    )
    data = zip_file(("plums.jsonl", lines))
    data[-2000] ^= 0xFF
    path = tmp_path / "plums.zip"
    path.write_bytes(data)

    with open_source(path) as source:
        records = source.records()
        count = sum(1 for _ in islice(records, 1000))
        with pytest.raises(FileBroken) as caught:
            list(records)

    assert count == 1000
    assert str(caught.value) == "plums.jsonl: The packed file is damaged. Get it again."


@pytest.mark.parametrize("end", range(4, 120, 5))
def test_cut_off_zip_is_damaged(read_file: Callable[..., list[Any]], end: int) -> None:
    data = zip_file(("a.json", TWO))

    with pytest.raises(
        FileUnreadable, match=r"The packed file is damaged\. Get it again\."
    ):
        read_file(data[: min(end, len(data) - 1)])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.json", "The file cannot be opened: No such file or directory."),
        ("folder", "The file cannot be opened: Is a directory."),
    ],
)
def test_file_that_cannot_be_opened_is_unreadable(
    tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(FileUnreadable) as caught:
        open_source(tmp_path / name)

    assert str(caught.value) == f"{name}: {message}"


def test_file_that_vanished_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "plums.json"
    path.write_bytes(TWO)

    with open_source(path) as source:
        path.unlink()
        with pytest.raises(FileUnreadable):
            source.records()
