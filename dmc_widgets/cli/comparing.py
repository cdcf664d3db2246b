"""The command that shows how two installations differ."""

from __future__ import annotations

import typer

from ..objects.comparing import ERC, Change, Difference
from ..tasks.comparing import value_text
from .options import Json, SourceName, TargetName
from .printing import print_json, print_table
from .session import center_of
from .status import DIFFERENT

_SHOWN = 60


def compare_installations(
    ctx: typer.Context, source: SourceName, target: TargetName, *, as_json: Json = False
) -> None:
    """Show how folders, picklists and definitions of two installations differ.

    added, removed and changed say what would make TARGET like SOURCE; an import does
    not change what is marked kept. Exit status: 0 if they are alike, 3 if they differ.
    """
    found = center_of(ctx).differences(source, target)
    if as_json:
        print_json([_shape(each) for each in found])
    elif found:
        print_table(
            ("Type", "Name", "Change", "Property", "Source", "Target", "Kept"),
            map(_line, found),
        )
        typer.echo(_summary(found))
    else:
        typer.echo("Folders, picklists and definitions are alike.")
    raise typer.Exit(DIFFERENT if found else 0)


def _line(each: Difference) -> tuple[object, ...]:
    values = (_cut(value_text(value)) for value in (each.source, each.target))
    kept = "kept" if each.kept else ""
    return (each.kind, each.name, each.change, each.path, *values, kept)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _summary(found: list[Difference]) -> str:
    numbers = dict.fromkeys(Change, 0)
    for each in found:
        numbers[each.change] += 1
    told = ", ".join(f"{number:,} {change}" for change, number in numbers.items())
    codes = sum(each.path == ERC for each in found)
    if codes:
        told += (
            f". Other external reference codes: {codes:,}; dmc migrate takes these as "
            "the same with --match-names"
        )
    kept = list(dict.fromkeys(each.kept for each in found if each.kept))
    if kept:
        number = sum(each.kept is not None for each in found)
        told += (
            f". Kept by an import, which does not change them: {number:,} "
            f"({'; '.join(kept)})"
        )
    return f"{told}."


def _shape(each: Difference) -> dict[str, object]:
    return {
        "type": each.kind,
        "name": each.name,
        "externalReferenceCode": each.key,
        "change": each.change.value,
        "path": each.path,
        "source": each.source,
        "target": each.target,
        "kept": each.kept or "",
    }
