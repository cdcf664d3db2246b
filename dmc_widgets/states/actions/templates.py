"""Saving, applying and deleting templates."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...languages import format_number
from ...languages import gettext as _
from ...model.plan import Action, ExportPlan
from ..dashboard_session import DashboardSession
from .exports import open_export_form
from .imports import open_import_form


def apply_template(session: DashboardSession, name: str, action: Action) -> None:
    """Load a template into its form; without a name only deselect the template.

    Raises:
        UnknownName: The template or its entity type does not exist.
    """
    form = session.export_form if action is Action.EXPORT else session.import_form
    if not name:
        form.template = form.origin = ""
        return
    plan = session.center.templates.use(name)
    installation = session.dashboard.installation
    entity_type = session.center.installations.entity_type(
        installation, plan.entity_type
    )
    plan = replace(plan, entity_type=entity_type.key)
    if isinstance(plan, ExportPlan):
        session.export_form.load_plan(plan, name)
    else:
        session.import_form.load_plan(plan, name)


def open_template(session: DashboardSession, name: str) -> None:
    """Open the form that a template belongs to, with the template applied.

    Raises:
        UnknownName: The template or its entity type does not exist.
    """
    action = session.center.templates.get(name).plan.action
    if action is Action.EXPORT:
        open_export_form(session)
    else:
        open_import_form(session)
    apply_template(session, name, action)


def save_template(session: DashboardSession, name: str, action: Action) -> None:
    """Save the choices of a form as a template, and select it in the form.

    Raises:
        NameTaken: There is such a template already.
        InvalidPlan: The name is too long, or the form is not complete.
    """
    form = session.export_form if action is Action.EXPORT else session.import_form
    session.center.templates.save(name.strip(), form.plan())
    session.load_templates()
    form.template = form.origin = name.strip()
    session.dashboard.report_success(_("Template was created."))


def update_template(session: DashboardSession, action: Action) -> None:
    """Save the choices of a form in the template that they began with.

    Raises:
        InvalidPlan: The form is not complete, or began with no template.
    """
    form = session.export_form if action is Action.EXPORT else session.import_form
    name = form.origin
    session.center.templates.update(name, form.plan())
    session.load_templates()
    form.template = name
    session.dashboard.report_success(_("The template was saved."))


def restore_template(session: DashboardSession, action: Action) -> None:
    """Set a form to the template that it began with, in place of what was changed.

    Raises:
        UnknownName: The template or its entity type does not exist any more.
    """
    form = session.export_form if action is Action.EXPORT else session.import_form
    apply_template(session, form.origin, action)


def rename_template(session: DashboardSession, new_name: str) -> None:
    """Give the template that is being renamed another name.

    Raises:
        InvalidPlan: The new name is empty or too long.
        NameTaken: There is a template of that name.
    """
    session.center.templates.rename(session.templates.renamed, new_name)
    session.templates.renamed = ""
    session.templates.selected = ()
    session.load_templates()


def duplicate_template(session: DashboardSession, name: str) -> None:
    """Save a copy of a template, which is renamed next if the person wants to."""
    copy = session.center.templates.duplicate(name)
    session.load_templates()
    session.templates.renamed = copy.name


def read_template_file(
    session: DashboardSession, path: Path, name: str, replace: bool
) -> None:
    """Save the templates of an uploaded file, and remove the file.

    Raises:
        InvalidPlan: The file does not hold templates.
        NameTaken: A name is taken, and nothing is to be replaced.
    """
    try:
        found = session.center.templates.read(path, name, replace=replace)
    finally:
        path.unlink(missing_ok=True)
    session.load_templates()
    session.dashboard.report_success(
        _("Templates that were added: {count}.").format(count=format_number(len(found)))
    )


def delete_selected_templates(session: DashboardSession) -> None:
    """Delete the templates that are selected in the list."""
    for name in session.templates.selected:
        session.center.templates.delete(name)
    session.templates.selected = ()
    session.load_templates()
