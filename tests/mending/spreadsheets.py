"""What spreadsheets make of a CSV file when somebody opens, mends and saves it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final, Literal, NamedTuple

Table = list[dict[str, str]]

_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_DATE: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d)(:\d\d))?")


def read_table(data: bytes, delimiter: str = ",") -> Table:
    """Read a CSV file of failed records as a spreadsheet does."""
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


class Spelling(NamedTuple):
    """How a spreadsheet of some language spells values.

    Attributes:
        decimal: The sign before decimals.
        words: For true and false.
        date: A format of day, month and year.
        has_seconds: Times have seconds.
    """

    decimal: str
    words: tuple[str, str]
    date: str
    has_seconds: bool


GERMAN: Final = Spelling(",", ("WAHR", "FALSCH"), "{2}.{1}.{0}", has_seconds=True)
ENGLISH: Final = Spelling(".", ("TRUE", "FALSE"), "{m}/{d}/{0}", has_seconds=False)


def respell(text: str, spelling: Spelling) -> str:
    """Return a value as it is saved after it was taken for a number or a date."""
    if text in {"true", "false"}:
        return spelling.words[text == "false"]
    if date := _DATE.fullmatch(text):
        day = spelling.date.format(*date.groups(), d=int(date[3]), m=int(date[2]))
        seconds = date[5] if spelling.has_seconds and date[5] else ""
        return f"{day} {date[4]}{seconds}" if date[4] else day
    if _NUMBER.fullmatch(text):
        return _respell_number(Decimal(text)).replace(".", spelling.decimal)
    return text


def _respell_number(number: Decimal) -> str:
    rounded = Decimal(f"{number:.14e}")
    if abs(rounded) >= Decimal(10) ** 11:
        return f"{rounded:.5E}"
    return f"{rounded.normalize():f}"


def save(
    table: Table,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
    end: str = "\n",
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL,
    spelling: Spelling | None = None,
) -> bytes:
    """Save a table; cells of the columns that say what failed are spelled, too."""
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(name for row in table for name in row))
    writer = csv.DictWriter(
        text, names, delimiter=delimiter, lineterminator=end, quoting=quoting
    )
    writer.writeheader()
    for row in table:
        spelled = {x: respell(row[x], spelling) if spelling else row[x] for x in row}
        writer.writerow({x: spelled[x].replace("\n", end) for x in spelled})
    return text.getvalue().encode(encoding, "replace")


def _reorder(table: Table) -> Table:
    """Sort rows downwards, and put the last column first."""
    return [dict(reversed(row.items())) for row in reversed(table)]


def _add_notes(table: Table) -> Table:
    """Add a column for remarks, and rows that were emptied."""
    noted = [{**row, "Remark": "done"} for row in table]
    return [*noted, dict.fromkeys(noted[0], ""), dict.fromkeys(noted[0], "")]


REWRITES: Final[dict[str, Callable[[Table], bytes]]] = {
    "as it was": save,
    "LibreOffice, German": lambda x: save(x, delimiter=";", spelling=GERMAN),
    "Excel, English, ANSI": lambda x: save(
        x, encoding="cp1252", end="\r\n", spelling=ENGLISH
    ),
    "Excel, German, ANSI": lambda x: save(
        x, delimiter=";", encoding="cp1252", end="\r\n", spelling=GERMAN
    ),
    "Excel, Unicode text": lambda x: save(
        x, delimiter="\t", encoding="utf-16", end="\r\n", spelling=ENGLISH
    ),
    "UTF-8 with a mark": lambda x: save(x, encoding="utf-8-sig", end="\r\n"),
    "sorted, all quoted": lambda x: save(_reorder(x), quoting=csv.QUOTE_ALL),
    "with remarks": lambda x: save(_add_notes(x), delimiter=";"),
    "declared separator": lambda x: b"sep=;\r\n" + save(x, delimiter=";"),
}
"""Ways in which a mended file comes back, by a name for people."""
