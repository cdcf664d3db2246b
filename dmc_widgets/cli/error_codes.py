"""The command that explains error codes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ..errors import UnknownName
from ..objects.errors.catalogue import (
    CatalogueEntry,
    code_of_exception,
    error_catalogue,
)
from .options import Json
from .output import print_json, print_table

CodeArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[CODE]",
        help="A code of a report, or the name of one of Liferay's exceptions.",
        show_default=False,
    ),
]


def explain_errors(code: CodeArgument = None, *, as_json: Json = False) -> None:
    """List the error codes, or explain one: what it means and what is said with it."""
    entries = error_catalogue() if code is None else _find_entries(code)
    if as_json:
        print_json([_entry_to_json(entry) for entry in entries])
    elif code is None:
        print_table(
            ("Code", "Fails", "Meaning"),
            ((entry.code, _failing_thing(entry), entry.meaning) for entry in entries),
        )
    else:
        for entry in entries:
            _print_entry(entry)


def _find_entries(code: str) -> list[CatalogueEntry]:
    wanted_code = code_of_exception(code) or code
    entries = [entry for entry in error_catalogue() if entry.code == wanted_code]
    if not entries:
        known = dict.fromkeys(entry.code for entry in error_catalogue())
        kind = "error code"
        raise UnknownName(kind, code, tuple(known))
    return entries


def _failing_thing(entry: CatalogueEntry) -> str:
    return "the task" if entry.stops else "a record"


def _print_entry(entry: CatalogueEntry) -> None:
    typer.echo(f"{entry.code} fails {_failing_thing(entry)}: {entry.meaning}.")
    for text in entry.texts:
        typer.echo(f"  {text.text}")
        for name in text.exceptions:
            typer.echo(f"    {name}")


def _entry_to_json(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "code": entry.code,
        "meaning": entry.meaning,
        "fails": "task" if entry.stops else "record",
        "status": entry.status,
        "texts": [
            {
                "text": text.text,
                "source": text.source.value,
                "exceptions": list(text.exceptions),
                "said": text.is_reported,
            }
            for text in entry.texts
        ],
    }
