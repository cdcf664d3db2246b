"""Plans of imports, built from the options of a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from ..errors import InvalidPlan
from ..formats import FORMATS
from ..model.mapping import FieldMapping, Mapping
from ..model.plan import ImportPlan

if TYPE_CHECKING:
    from ..center import Center
    from ..center.sources import RangedFile, SourceFile
    from ..model.reading_options import ReadingOptions
    from ..tasks.imports.file_head import FileHead


def build_import_plan(
    center: Center,
    name: str,
    file: SourceFile | RangedFile,
    *,
    entity: str,
    template: str | None,
    reading: ReadingOptions,
) -> tuple[ImportPlan, FileHead | None]:
    """Return the plan for a file, and the file's head if it was read for the plan.

    Raises:
        InvalidPlan: The template is for exports.
        DmcError: The file or the installation cannot be read.
    """
    if template is None:
        head = center.files.read_head(file, options=reading)
        plan = center.files.plan_from_file(name, head, entity)
        return replace(plan, reading=reading), head
    stored = center.templates.use(template)
    if not isinstance(stored, ImportPlan):
        reason = f"The template {template!r} is for exports. Use it with dmc export."
        raise InvalidPlan(reason)
    plan = replace(
        stored,
        entity_type=center.installations.entity_type(name, entity).key,
        reading=reading.over(stored.reading),
    )
    return plan, None


def print_detected_options(head: FileHead | None) -> None:
    """Print the detected reading options, so that the user can correct them."""
    if head is None:
        return
    options = head.options
    if len(head.workbook_sheets) > 1:
        default = next(sheet.name for sheet in head.workbook_sheets if sheet.is_default)
        sheet = options.sheet or default
        others = ", ".join(
            other.quoted_label for other in head.workbook_sheets if other.name != sheet
        )
        typer.echo(f"Read is the sheet {sheet!r}. Others, for --sheet: {others}.")
    if "delimiter" in FORMATS[head.format].info.reading_options:
        typer.echo(
            f"Read as {head.format}: {options.encoding}, "
            f"delimiter {options.delimiter!r}, "
            f"enclosing character {options.enclosing_character!r}."
        )


def mapping_from_options(
    center: Center, pairs: Sequence[str] | None, file: str | None
) -> Mapping | None:
    """Return the mapping of a file, overridden by *pairs*; None without either."""
    added = tuple(FieldMapping.parse(pair) for pair in pairs or ())
    if file is not None:
        return center.mappings.read(file).with_pairs(added)
    return Mapping(added) if added else None


def plan_with_mapping(
    center: Center,
    plan: ImportPlan,
    pairs: Sequence[str] | None,
    file: str | None,
    parent: str | None,
    *,
    match: str | None = None,
) -> ImportPlan:
    """Return a plan with the mapping, the key and the parent of the options.

    Raises:
        InvalidPlan: A pair is malformed, or the records cannot have a parent.
    """
    mapping = mapping_from_options(center, pairs, file)
    key = None if match is None else [name for name in match.split(",") if name]
    return center.files.with_mapping(plan, mapping, parent or "", match=key)


def site_changes(
    plan: ImportPlan, site: str | None, *, new_sites: bool
) -> dict[str, Any]:
    """Return the site and the permission to add sites, from the options or *plan*."""
    scope = plan.scope if site is None else site
    return {"scope": scope, "new_sites": plan.new_sites or new_sites}
