"""`dmc user`: the users who sign in at `dmc serve`, and their roles."""

from __future__ import annotations

from pathlib import Path

import typer

from .. import open_center
from ..workspace.users import UserStore, parse_roles
from .serve_options import PasswordFile, Roles, UserName, read_password


def add_user(
    ctx: typer.Context,
    name: UserName,
    *,
    role: Roles = None,
    password_file: PasswordFile = None,
) -> None:
    """Add a user, who signs in with a password.

    Without --role the user may look at every installation.
    """
    roles = parse_roles(role or ["look"])
    users = _open_users(ctx)
    user = users.add(name, read_password(password_file, confirm=True), roles)
    typer.echo(f"{user.name}: {_describe(user.roles)}")


def set_roles(ctx: typer.Context, name: UserName, *, role: Roles = None) -> None:
    """Replace the roles of a user, at once also in pages that are open.

    Without --role the user has none, and sees nothing.
    """
    user = _open_users(ctx).set_roles(name, parse_roles(role or []))
    typer.echo(f"{user.name}: {_describe(user.roles)}")


def set_password(
    ctx: typer.Context, name: UserName, *, password_file: PasswordFile = None
) -> None:
    """Replace the password of a user, who is signed out everywhere."""
    users = _open_users(ctx)
    users.set_password(name, read_password(password_file, confirm=True))
    typer.echo(f"{name} has another password.")


def list_users(ctx: typer.Context) -> None:
    """List the users and their roles."""
    for user in _open_users(ctx).all():
        typer.echo(f"{user.name}: {_describe(user.roles)}")


def remove_user(ctx: typer.Context, name: UserName) -> None:
    """Remove a user, who is signed out at once. Tasks go on, and keep their author."""
    _open_users(ctx).remove(name)
    typer.echo(f"{name} is removed.")


def _open_users(ctx: typer.Context) -> UserStore:
    path: Path | None = ctx.obj.workspace
    with open_center(path) as center:  # creates the workspace, with its samples
        return UserStore(center.workspace_path)


def _describe(roles: object) -> str:
    known = dict(roles) if isinstance(roles, dict) else {}
    texts = [f"{role} on {name}" for name, role in known.items() if name != "*"]
    everywhere = [f"{known['*']} everywhere"] if "*" in known else []
    return ", ".join(everywhere + texts) or "no role"
