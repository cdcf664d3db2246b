"""What a person does with the mapping of the import form, carried out on a session.

As in :mod:`.session`, errors are raised for the caller to show.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...tasks.imports.mapping_files import write_mapping
from ...tasks.imports.parent_lookups import lookup_field_names
from ..dashboard_session import DashboardSession

_UNSAFE_IN_NAMES = re.compile(r"[^\w .-]+")


def open_field_editor(session: DashboardSession, target: str) -> None:
    """Open the editor on the field called *target*."""
    form = session.import_form
    found = next((field for field in form.fields if field.name == target), None)
    sampled = form.sampled
    if found is None or sampled is None:
        return
    pair, default = form.pairs.get(target), form.default_mapping(target)
    parent = next((x for x in form.entity_types if x.key == found.parent), None)
    by_code = found.type != "integer"  # an id is no code, and nothing leads to one
    parents = lookup_field_names(parent) if parent is not None and by_code else ()
    session.field_editor.open(found, pair, sampled, default, parents)


def apply_field_mapping(session: DashboardSession) -> None:
    """Take over what the editor says, and close it.

    Raises:
        InvalidPlan: It is no mapping; it says what to change.
    """
    editor = session.field_editor
    if editor.field is not None:
        session.import_form.fill(editor.field.name, editor.pair())
    editor.close()


def build_mapping_file(session: DashboardSession) -> tuple[str, bytes]:
    """Return a mapping file of what the form maps: its name and its bytes."""
    form = session.import_form
    chosen = form.entity_type
    base = form.name.strip() or (chosen.name if chosen else "")
    name = f"{_UNSAFE_IN_NAMES.sub('-', base)} mapping.yaml".lstrip(" .")
    return name, write_mapping(form.mapping(), name).encode()


def load_mapping_file(session: DashboardSession, path: Path, name: str) -> None:
    """Take over the mapping of a file that came from the browser, and let it go.

    Args:
        session: Of the form.
        path: Where the file lies.
        name: That it had in the browser.

    Raises:
        FileUnreadable: It is no text in UTF-8, or too large.
        InvalidPlan: It holds no mapping.
    """
    try:
        mapping = session.center.read_mapping(path, name)
    finally:
        path.unlink(missing_ok=True)
    session.import_form.load_mapping(mapping)
    number = len(mapping.pairs)
    fields = "1 field" if number == 1 else f"{number} fields"
    session.dashboard.say(f"The mapping of {fields} was loaded from {name}.")
