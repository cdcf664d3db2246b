"""Saving, applying and deleting templates."""

from __future__ import annotations

from dataclasses import replace

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
        form.template = ""
        return
    plan = session.center.templates.get(name).plan
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
    form.template = name.strip()
    session.dashboard.report_success("Template was created.")


def delete_selected_templates(session: DashboardSession) -> None:
    """Delete the templates that are selected in the list."""
    for name in session.templates.selected:
        session.center.templates.delete(name)
    session.templates.selected = ()
    session.load_templates()
