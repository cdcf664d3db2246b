"""Editing the mapping of the import form, and mapping files."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ...center.mapping_editing import lookup_field_names, write_mapping
from ...languages import gettext as _
from ...languages import ngettext
from ...model.preview import PreviewedRecord
from ...model.value_conversion import value_table_key
from ..dashboard_session import DashboardSession
from ..mapping.mending import can_replace_values, parse_mended_value

_UNSAFE_IN_NAMES = re.compile(r"[^\w .-]+")


def open_field_editor(session: DashboardSession, target: str) -> None:
    """Open the editor on the destination field called *target*."""
    form = session.import_form
    field = next((field for field in form.fields if field.name == target), None)
    sample = form.mapping_sample
    if field is None or sample is None:
        return
    pair, default = form.pairs.get(target), form.default_mapping(target)
    parent = next((x for x in form.entity_types if x.key == field.parent), None)
    # An integer is the id of the parent, which no other field leads to.
    can_look_up = parent is not None and field.type != "integer"
    parents = lookup_field_names(parent) if parent and can_look_up else ()
    session.field_editor.open(field, pair, sample, default, parents)


def apply_field_mapping(session: DashboardSession) -> None:
    """Put the field mapping of the editor into the form, and close the editor.

    Raises:
        InvalidPlan: The choices do not make a field mapping.
    """
    editor = session.field_editor
    if editor.field is not None:
        session.import_form.fill(editor.field.name, editor.pair())
    editor.close()


def replace_value(
    session: DashboardSession, record: PreviewedRecord, target: str, value: str
) -> None:
    """Let the mapping replace a value of the file by another one, in every record.

    Args:
        session: The session of the form.
        record: The record whose value is wrong.
        target: The destination field that the value fills.
        value: The value that takes its place, as it was entered.

    Raises:
        InvalidPlan: It is not a value of the field's type.
    """
    form = session.import_form
    pair = form.pairs.get(target)
    field = next((field for field in form.fields if field.name == target), None)
    if pair is None or field is None or record.source is None:
        return
    wrong = value_table_key(record.source.get(pair.source))
    if wrong is None or not can_replace_values(pair, field):
        return
    others = tuple(known for known in pair.values if known[0] != wrong)
    mended = parse_mended_value(value, field)
    form.fill(target, replace(pair, values=(*others, (wrong, mended))))


def forget_mapping(session: DashboardSession, target: str) -> None:
    """Forget that earlier imports have filled *target* from the field that fills it."""
    form = session.import_form
    pair, entity_type = form.pairs.get(target), form.entity_type
    if pair is None or entity_type is None:
        return
    session.center.mappings.forget(entity_type, pair.source, target)
    form.suggest_again(target)


def build_mapping_file(session: DashboardSession) -> tuple[str, bytes]:
    """Return the name and the content of a mapping file of the form's mapping."""
    form = session.import_form
    entity_type = form.entity_type
    base = form.name.strip() or (entity_type.name if entity_type else "")
    name = f"{_UNSAFE_IN_NAMES.sub('-', base)} mapping.yaml".lstrip(" .")
    return name, write_mapping(form.mapping(), name).encode()


def load_mapping_file(session: DashboardSession, path: Path, name: str) -> None:
    """Load the mapping of an uploaded file into the form, and delete the file.

    Args:
        session: The session of the form.
        path: The place of the uploaded file.
        name: The name of the file in the browser.

    Raises:
        FileUnreadable: The file is not a text in UTF-8, or too large.
        InvalidPlan: The file does not hold a mapping.
    """
    try:
        mapping = session.center.mappings.read(path, name)
    finally:
        path.unlink(missing_ok=True)
    session.import_form.load_mapping(mapping)
    number = len(mapping.pairs)
    fields = ngettext("{count} field", "{count} fields", number).format(count=number)
    session.dashboard.report_success(
        _("The mapping of {fields} was loaded from {name}.").format(
            fields=fields, name=name
        )
    )
