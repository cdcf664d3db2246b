"""`dmc template`: the named plans of the workspace."""

from __future__ import annotations

from typing import Annotated

import typer

from ..model.plan import ExportPlan
from .command_context import open_command_center
from .options import Json, Output, Template
from .output import print_json, print_table, print_written, template_to_json

NewTemplateName = Annotated[
    str, typer.Argument(metavar="NEW-NAME", help="The other name.")
]
CopyName = Annotated[
    str, typer.Argument(metavar="NEW-NAME", help="The name of the copy.")
]
TemplateNames = Annotated[
    list[str] | None, typer.Argument(metavar="NAME…", help="The templates.")
]
TemplateFile = Annotated[
    str,
    typer.Argument(
        metavar="FILE", help="A file of templates, YAML or JSON, or its address."
    ),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Replace templates of the same names.")
]


def list_templates(ctx: typer.Context, *, as_json: Json = False) -> None:
    """List the templates of the workspace."""
    templates = open_command_center(ctx).templates.list()
    if as_json:
        print_json([template_to_json(template) for template in templates])
        return
    print_table(
        ("ID", "Name", "Created", "Action", "Type", "Format", "User", "Last Used"),
        (
            (
                template.id,
                template.name,
                template.created,
                template.plan.action,
                template.plan.entity_type,
                template.plan.format if isinstance(template.plan, ExportPlan) else "",
                template.author,
                template.used,
            )
            for template in templates
        ),
    )


def show_template(ctx: typer.Context, name: Template) -> None:
    """Show everything that a template keeps, as JSON."""
    template = open_command_center(ctx).templates.get(name)
    print_json({**template_to_json(template), "plan": template.plan.as_dict()})


def rename_template(
    ctx: typer.Context, name: Template, new_name: NewTemplateName
) -> None:
    """Give a template another name."""
    template = open_command_center(ctx).templates.rename(name, new_name)
    typer.echo(f"Renamed the template to {template.name}.")


def duplicate_template(
    ctx: typer.Context, name: Template, new_name: CopyName = ""
) -> None:
    """Save a copy of a template under another name."""
    template = open_command_center(ctx).templates.duplicate(name, new_name)
    typer.echo(f"Saved the template {template.name}.")


def export_templates(
    ctx: typer.Context, names: TemplateNames = None, *, output: Output
) -> None:
    """Write templates into a file, YAML or JSON; without names all of them."""
    templates = open_command_center(ctx).templates
    chosen = names or [template.name for template in templates.list()]
    templates.write_to(chosen, output)
    print_written(output, f"{len(chosen):,} templates")


def import_templates(
    ctx: typer.Context, file: TemplateFile, *, replace: Replace = False
) -> None:
    """Save the templates of a file; all of them, or none if a name is taken."""
    for template in open_command_center(ctx).templates.read(file, replace=replace):
        typer.echo(f"Saved the template {template.name}.")


def delete_template(ctx: typer.Context, name: Template) -> None:
    """Delete a template; tasks that were started from it stay."""
    open_command_center(ctx).templates.delete(name)
    typer.echo(f"Deleted the template {name}.")
