"""The options for reading a file, and the :class:`ReadingOptions` made of them."""

from __future__ import annotations

from typing import Annotated

import typer

from ..model.reading_options import Escapes, ReadingOptions, ShortRows
from .options import NoHeaders
from .shared_options import with_shared_options

Delimiter = Annotated[
    str,
    typer.Option(
        "--delimiter",
        metavar="D",
        help=r"CSV: what separates values; \t is a tab. Without it: detected.",
    ),
]
EnclosingCharacter = Annotated[
    str,
    typer.Option(
        "--enclosing-character",
        metavar="C",
        help="CSV: what encloses values. Without it: detected.",
    ),
]
Encoding = Annotated[
    str,
    typer.Option(
        "--encoding",
        metavar="E",
        help="CSV: any text encoding, by any name that Python knows, such as "
        "Windows-1250 or GB18030. Without it: detected.",
    ),
]
Sheet = Annotated[
    str,
    typer.Option(
        "--sheet",
        metavar="S",
        help=(
            "Excel: which sheet, hidden ones included. Without it: the one that was "
            "shown when the workbook was saved."
        ),
    ),
]
SkipLines = Annotated[
    int,
    typer.Option(
        "--skip-lines",
        metavar="N",
        min=0,
        help="CSV and Excel: lines above the table, such as a title. The next line "
        "with a value names the columns.",
    ),
]
ShortRowsChoice = Annotated[
    ShortRows | None,
    typer.Option(
        "--short-rows",
        help="CSV: a row with too few values fails (refuse, the default), or lacks "
        "them as empty ones (empty).",
    ),
]
EscapesChoice = Annotated[
    Escapes | None,
    typer.Option(
        "--escapes",
        help="CSV: keep every character of a value, or undo the apostrophes and "
        "second quotes that exports write. Without it: undo in zips that dmc export "
        "wrote.",
    ),
]


def _build_reading_options(
    *,
    delimiter: Delimiter = "",
    enclosing_character: EnclosingCharacter = "",
    encoding: Encoding = "",
    sheet: Sheet = "",
    no_headers: NoHeaders = False,
    skip_lines: SkipLines = 0,
    short_rows: ShortRowsChoice = None,
    escapes: EscapesChoice = None,
) -> ReadingOptions:
    return ReadingOptions(
        delimiter=delimiter.replace(r"\t", "\t"),
        enclosing_character=enclosing_character,
        encoding=encoding,
        sheet=sheet,
        headers=not no_headers,
        skip_lines=skip_lines,
        short_rows=short_rows,
        escapes=escapes,
    )


with_reading_options = with_shared_options("reading", _build_reading_options)
"""Add the options for reading a file to a command; it takes them as *reading*."""
