"""`dmc template`: the named plans of the workspace."""

from __future__ import annotations

import typer

from ..model.plan import ExportPlan
from .command_context import open_command_center
from .options import Json, Template
from .output import print_json, print_table, template_to_json


def list_templates(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the templates of the workspace."""
    templates = open_command_center(ctx).templates.list()
    if as_json:
        print_json([template_to_json(template) for template in templates])
        return
    print_table(
        ("ID", "Name", "Created", "Action", "Type", "Format", "User"),
        (
            (
                template.id,
                template.name,
                template.created,
                template.plan.action,
                template.plan.entity_type,
                template.plan.format if isinstance(template.plan, ExportPlan) else "",
                template.author,
            )
            for template in templates
        ),
    )


def show_template(ctx: typer.Context, name: Template) -> None:
    """Show everything that a template keeps, as JSON."""
    template = open_command_center(ctx).templates.get(name)
    print_json({**template_to_json(template), "plan": template.plan.as_dict()})


def delete_template(ctx: typer.Context, name: Template) -> None:
    """Delete a template; tasks that were started from it stay."""
    open_command_center(ctx).templates.delete(name)
    typer.echo(f"Deleted the template {name}.")
