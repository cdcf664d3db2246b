"""The commands that look into an installation: what it defines, and its entries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from ..center import OpenInstallation
from ..center.browsing import (
    Catalogue,
    EntryPage,
    choose_columns,
    choose_details,
    format_entry_value,
    without_contents,
)
from ..errors import UnknownName
from ..model.entity_type import EntityType, object_short_name
from .command_context import open_command_center
from .options import Entity, Filter, Json, Name, Search, SiteKey, Sort
from .output import print_json, print_pairs, print_table

_COLUMNS = 7
_MAX_CELL_CHARS = 40

_Code = Annotated[
    str | None,
    typer.Argument(
        metavar="[CODE]",
        help="The external reference code of one entry, to show it whole.",
    ),
]
_PageNumber = Annotated[
    int, typer.Option("--page", metavar="N", min=1, help="The number of the page.")
]
_PageSize = Annotated[
    int,
    typer.Option("--page-size", metavar="N", min=1, max=1000, help="Records a page."),
]


def show_installation(ctx: typer.Context, name: Name, *, as_json: Json = False) -> None:
    """Show the definitions, picklists and folders of an installation."""
    with open_command_center(ctx).installations.connect(name) as opened:
        catalogue = opened.catalogue()
    if as_json:
        print_json([asdict(found) for found in catalogue.objects])
        return
    folders = {found.code: found.label for found in catalogue.folders}
    print_table(
        ("Object", "Name", "Folder", "Status", "Fields", "Relationships"),
        (
            (
                found.label,
                found.name,
                folders.get(found.folder, found.folder),
                found.status,
                len(found.own_fields),
                len(catalogue.relationships_of(found.code)),
            )
            for found in catalogue.objects
        ),
    )
    _print_lists(catalogue)


def _print_lists(catalogue: Catalogue) -> None:
    if catalogue.picklists:
        typer.echo()
        print_table(
            ("Picklist", "Code", "Entries"),
            ((x.name, x.code, len(x.entries)) for x in catalogue.picklists),
        )
    if catalogue.folders:
        typer.echo()
        print_table(("Folder", "Code"), ((x.label, x.code) for x in catalogue.folders))


def show_records(
    ctx: typer.Context,
    name: Name,
    entity: Entity,
    code: _Code = None,
    *,
    filter_: Filter = None,
    search: Search = None,
    sort: Sort = None,
    site: SiteKey = None,
    page: _PageNumber = 1,
    page_size: _PageSize = 20,
    as_json: Json = False,
) -> None:
    """Show the records that an installation holds, page by page, or one of them.

    Only the page is read, however many records there are.
    """
    with open_command_center(ctx).installations.connect(name) as opened:
        entity_type = opened.entity_type(entity)
        if code is not None:
            _show_record(opened, entity_type, code, site or "", as_json=as_json)
            return
        found = opened.page(
            entity_type,
            page,
            page_size,
            filter=filter_ or "",
            search=search or "",
            sort=sort or "",
            scope=site or "",
        )
    if as_json:
        print_json([without_contents(item) for item in found])
        return
    _print_page(entity_type, found)


def _print_page(entity_type: EntityType, page: EntryPage) -> None:
    columns = choose_columns(entity_type, limit=_COLUMNS)
    print_table(
        [column.label or column.name for column in columns],
        (
            [_truncate(format_entry_value(item.get(x.name))) for x in columns]
            for item in page
        ),
    )
    if page.items:
        records = "1 record" if page.total == 1 else f"{page.total:,} records"
        typer.echo(f"Page {page.number:,} of {page.pages:,}: {records}.")


def _truncate(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _MAX_CELL_CHARS:
        return line
    return f"{line[:_MAX_CELL_CHARS]}…"


def _show_record(
    opened: OpenInstallation,
    entity_type: EntityType,
    code: str,
    site: str,
    *,
    as_json: bool,
) -> None:
    item = opened.fetch(entity_type, code, site).get(code)
    if item is None:
        raise UnknownName(kind=entity_type.short_name, name=code, known=())
    if as_json:
        print_json([without_contents(item)])
        return
    texts: list[tuple[str, Any]] = [
        (field.label or field.name, format_entry_value(item.get(field.name)))
        for field in choose_details(entity_type)
    ]
    print_pairs(texts)
    for link in opened.links(entity_type, item):
        number = opened.count(link.entity, filter=link.filter)
        related = object_short_name(link.entity)
        typer.echo(f'{number:,} {related} ({link.relationship}): "{link.filter}"')
