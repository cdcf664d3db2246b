"""Encoding, delimiter and enclosing character of small files, as people write them."""

from __future__ import annotations

import io
from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.csv.dialect import detect_dialect
from dmc_widgets.model.reading_options import DETECT_ALL, ReadingOptions

U8, U16, W = "UTF-8", "UTF-16", "Windows-1252"
Q = '"'

FILES: dict[str, tuple[bytes, str, str, str]] = {
    "comma": (b"a,b\n1,2\n", U8, ",", Q),
    "semicolon": (b"a;b\n1;2\n", U8, ";", Q),
    "tab": (b"a\tb\n1\t2\n", U8, "\t", Q),
    "pipe": (b"a|b\n1|2\n", U8, "|", Q),
    "crlf": (b"a;b\r\n1;2\r\n", U8, ";", Q),
    "cr": (b"a;b\r1;2\r", U8, ";", Q),
    "no-last-line-end": (b"a;b\n1;2", U8, ";", Q),
    "headers-only": (b"a;b;c", U8, ";", Q),
    "one-column": (b"name\nplum\npear\n", U8, ",", Q),
    "one-column-with-commas-within": (b'name\n"plum, blue"\n', U8, ",", Q),
    "one-column-of-sentences": (b"note\nyes, no, maybe\nno\n", U8, ",", Q),
    "decimal-comma": (b"a;b\n1,5;2,5\n3,5;4,5\n", U8, ";", Q),
    "decimal-comma-in-every-line": (b"1,5;2,5\n3,5;4,5\n", U8, ";", Q),
    "decimal-comma-and-tab": (b"1,5\t2,5\n3,5\t4,5\n", U8, "\t", Q),
    "thousands": (b"a;b\n1.234,50;x\n2.345,60;y\n", U8, ";", Q),
    "commas-in-quotes": (b'a;b\n"x,y";"z,w"\n"1,2";3\n', U8, ";", Q),
    "semicolons-in-quotes": (b'a,b\n"x;y","z;w"\n', U8, ",", Q),
    "semicolons-in-texts": (b"a,b,c\nx; y,1,2\nz; w,3,4\n", U8, ",", Q),
    "commas-in-texts": (b"a;b\nOak, Elm;1\nPlum;2\nPear, Fig, Nut;3\n", U8, ";", Q),
    "line-end-in-quotes": (b'a;b\n"x\ny";2\n"z\r\n;";3\n', U8, ";", Q),
    "quotes-doubled": (b'a;b\n"x ""y"" z";2\n', U8, ";", Q),
    "all-quoted": (b'"a";"b"\n"1";"2"\n', U8, ";", Q),
    "single-quotes": (b"'a','b'\n'x, y','z'\n", U8, ",", "'"),
    "single-quotes-semicolon": (b"'a';'b'\n'x;y';'z'\n", U8, ";", "'"),
    "apostrophes": (b"a,b\nit's,that's\n", U8, ",", Q),
    "stated": (b"sep=|\na|b\n1|2\n", U8, "|", Q),
    "stated-in-quotes": (b'"sep=|"\r\na|b,c\r\n1|2\r\n', U8, "|", Q),
    "stated-cr": (b"sep=;\ra,x;b\r1;2\r", U8, ";", Q),
    "stated-crlf": (b"sep=;\r\na,x;b\r\n1;2\r\n", U8, ";", Q),
    "short-line": (b"a;b;c\n1;2;3\n4;5\n6;7;8\n", U8, ";", Q),
    "blank-lines": (b"\n\na;b\n\n1;2\n", U8, ";", Q),
    "empty-cells": (b"a;b;c\n;;\n1;;\n", U8, ";", Q),
    "dates": (b"a,b\n2024-01-02,10:30\n2024-01-03,11:30\n", U8, ",", Q),
    "web-addresses": (b"a|b\nhttp://x.y/?a=1;b=2|1\nhttp://z|2\n", U8, "|", Q),
    "json-in-a-cell": (b'a;b\n{"x":1,"y":2};1\n{"x":3,"y":4};2\n', U8, ";", Q),
    "utf-8": ("naïve;Größe\nč;1\n".encode(), U8, ";", Q),
    "utf-8-mark": ("\ufeffa;b\nč;1\n".encode(), U8, ";", Q),
    "utf-8-emoji": ("a,b\n😀,1\n".encode(), U8, ",", Q),
    "utf-8-cyrillic": ("ключ,б\nда,1\n".encode(), U8, ",", Q),
    "utf-8-chinese": ("名;值\n梅;1\n".encode(), U8, ";", Q),
    "utf-16": ("a;b\nč;1\n".encode("utf-16"), U16, ";", Q),
    "utf-16-be-mark": ("\ufeffa;b\nč;1\n".encode("utf-16-be"), U16, ";", Q),
    "utf-16-le-no-mark": ("a;b\nplum;1\n".encode("utf-16-le"), U16, ";", Q),
    "utf-16-be-no-mark": ("a,b\nplum,1\n".encode("utf-16-be"), U16, ",", Q),
    "utf-16-tab": ("a\tb\nGröße\t1\n".encode("utf-16"), U16, "\t", Q),
    "windows-german": ("Name;Größe\nMüller;ß\n".encode("cp1252"), W, ";", Q),
    "windows-french": ("Prénom,Été\nZoé,çà\n".encode("cp1252"), W, ",", Q),
    "windows-euro": ("a;b\n5 €;“x”\n".encode("cp1252"), W, ";", Q),
    "windows-one-letter": (b"a;b\ncaf\xe9;1\n", W, ";", Q),
    "german-excel": (
        "Nr.;Größe;Preis\r\n1;12,5;1.234,50 €\r\n2;13,5;99,90 €\r\n".encode("cp1252"),
        W,
        ";",
        Q,
    ),
    "french-excel-addresses": (
        "Nom;Adresse\r\nZoé;1, rue du Bac, Paris\r\nLéa;2, rue X\r\n".encode("cp1252"),
        W,
        ";",
        Q,
    ),
    "old-mac": ("Name,Größe\rMüller,1\rMaß,2\r".encode(), U8, ",", Q),
    "line-end-in-a-quoted-header": (b'"a\nfirst";"b, c"\n1;2\n3;4\n', U8, ";", Q),
    "trailing-delimiters": (b"a;b;;\n1,5;2;;\n3,5;4;;\n", U8, ";", Q),
    "trailing-delimiter-in-some-lines": (b"a,b\n1,2,\n3,4,\n", U8, ",", Q),
    "leading-blank-lines": (b"\r\n\r\n\r\na\tb\r\n1\t2\r\n", U8, "\t", Q),
    "one-column-of-addresses": (
        b"address\n1 High St, York\n2 Low St, Hull, UK\nUnknown\n",
        U8,
        ",",
        Q,
    ),
    "one-line": (b"a;b", U8, ";", Q),
    "two-characters": (b"a\n", U8, ",", Q),
    "one-number": (b"1,5", U8, ",", Q),
    "one-delimiter": (b";", U8, ";", Q),
    "headerless-numbers": (b"1|2|3\n4|5|6\n", U8, "|", Q),
    "headerless-decimal-commas": (b"Ada;1,5\nBob;2,5\n", U8, ";", Q),
    "quotes-within-texts": (b'a;b\n5" disk;x\n3" disk;y\n', U8, ";", Q),
    "tab-with-commas-and-semicolons": (b"a\tb\nx, y; z\t1\np, q; r\t2\n", U8, "\t", Q),
    "mark-and-statement": ("\ufeffsep=;\r\na;b\r\n1;2\r\n".encode(), U8, ";", Q),
    "utf-16-mark-and-semicolon": (
        "Größe;b\r\n1,5;2\r\n".encode("utf-16"),
        U16,
        ";",
        Q,
    ),
    "utf-16-le-german-no-mark": (
        "Größe;Maß\r\nä;ö\r\n".encode("utf-16-le"),
        U16,
        ";",
        Q,
    ),
    "utf-16-one-cell": ("ab".encode("utf-16"), U16, ",", Q),
    "windows-quotes": ("a;b\n‘x’;–\n".encode("cp1252"), W, ";", Q),
    "windows-comma-decimal-free": ("Köln,1\nUlm,2\n".encode("cp1252"), W, ",", Q),
    "cut-in-a-character": ("a;b\nč;č".encode()[:-1], U8, ";", Q),
}


@pytest.mark.parametrize(
    ("data", "encoding", "delimiter", "enclosing"), FILES.values(), ids=FILES.keys()
)
def test_dialect_of_a_file_is_detected(
    data: bytes, encoding: str, delimiter: str, enclosing: str
) -> None:
    found = detect_dialect(data, DETECT_ALL)

    assert (found.encoding, found.delimiter, found.enclosing_character) == (
        encoding,
        delimiter,
        enclosing,
    )


@pytest.mark.parametrize(
    "data",
    [
        b"sep=,\na,b\n1,2\n",
        b'"sep=,"\na,b\n1,2\n',
        b'\xef\xbb\xbf"sep=,"\r\na,b\r\n1,2\r\n',
        b"SEP=,\ra,b\r1,2\r",
    ],
)
def test_declaration_of_the_delimiter_is_not_a_record(data: bytes) -> None:
    assert read(data) == [{"a": "1", "b": "2"}]


def read(data: bytes, **chosen: Any) -> list[object]:
    options = ReadingOptions(**chosen)
    return list(FORMATS["CSV"].read(io.BytesIO(data), source="p.csv", options=options))


@pytest.mark.parametrize(
    ("data", "chosen", "record"),
    [
        pytest.param(
            b"a;b\n\xe8;1\n",
            {"encoding": "windows-1252"},
            {"a": "è", "b": "1"},
            id="encoding",
        ),
        pytest.param(
            "a;b\nÄ;1\n".encode(),
            {"encoding": "cp1252"},
            {"a": "Ã„", "b": "1"},
            id="encoding-as-told-though-wrong",
        ),
        pytest.param(
            b"a,b;c\n1,2;3\n",
            {"delimiter": ";"},
            {"a,b": "1,2", "c": "3"},
            id="delimiter",
        ),
        pytest.param(
            b"a::b\n1::'2::3'\n",
            {"delimiter": "::", "enclosing_character": "'"},
            {"a": "1", "b": "2::3"},
            id="delimiter-of-two-characters",
        ),
        pytest.param(
            b"a,b\n'1','2,3'\n",
            {"enclosing_character": "'"},
            {"a": "1", "b": "2,3"},
            id="enclosing-character",
        ),
    ],
)
def test_chosen_options_win_over_detected_ones(
    data: bytes, chosen: dict[str, str], record: dict[str, str]
) -> None:
    assert read(data, **chosen) == [record]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        (
            {"enclosing_character": "''"},
            "The enclosing character \"''\" has 2 characters. Give one.",
        ),
        (
            {"delimiter": ";", "enclosing_character": ";"},
            "';' cannot both separate and enclose values. "
            "Choose another delimiter or enclosing character.",
        ),
        (
            {"delimiter": "\n"},
            "A line break can neither separate nor enclose values.",
        ),
        (
            {"encoding": "EBCDIC"},
            "The encoding 'EBCDIC' is not known. Give the name of a text encoding, "
            "such as UTF-8, UTF-16, Windows-1252, Windows-1250, Windows-1251, "
            "ISO-8859-2, ISO-8859-15, GB18030, Big5, Shift-JIS or EUC-KR.",
        ),
    ],
)
def test_impossible_choice_is_refused(chosen: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidPlan) as caught:
        ReadingOptions(**chosen)

    assert str(caught.value) == message
