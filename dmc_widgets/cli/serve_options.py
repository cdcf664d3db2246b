"""The options of `dmc serve` and `dmc user`, and reading passwords."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import FileUnreadable
from ..workspace.users import hash_password
from .local_paths import parse_local_path

Host = Annotated[
    str,
    typer.Option("--host", help="The address to listen at; 0.0.0.0 for all."),
]
BaseUrl = Annotated[
    str, typer.Option("--base-url", help="The path below which the dashboard is.")
]
AllowedHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-host",
        help="A name by which browsers reach it through a proxy. Repeatable.",
    ),
]
TrustedProxies = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-proxy",
        help="The address of a proxy whose X-Forwarded headers are true. Repeatable.",
    ),
]
IdleLimit = Annotated[
    int,
    typer.Option(
        "--idle-limit", min=0, help="Minutes without use until a sign-out; 0: never."
    ),
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        parser=parse_local_path,
        metavar="FILE",
        help="A file with the password; - reads it from the input.",
    ),
]
FileFolders = Annotated[
    list[Path] | None,
    typer.Option(
        "--files",
        metavar="FOLDER",
        help="A folder of this machine whose files may be imported. Repeatable.",
    ),
]
AllowedSources = Annotated[
    list[str] | None,
    typer.Option(
        "--allowed-source",
        metavar="SOURCE",
        help="A host whose files may be imported by their URL, or a store, such as "
        "s3://bucket/incoming. Repeatable.",
    ),
]
NewToken = Annotated[
    bool,
    typer.Option(
        "--new-token",
        help="Make a new token, and sign out the browsers that used the last one.",
    ),
]
UserName = Annotated[str, typer.Argument(help="The name of the user.")]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        "--role",
        help="look, export, import or administer; INSTALLATION=ROLE for one. "
        "Repeatable.",
    ),
]


def read_password(path: Path | None, *, confirm: bool = False) -> str:
    """Return the password in a file, or ask a person for it.

    Raises:
        FileUnreadable: The file cannot be read.
    """
    if path is None:
        prompt = "Password"
        return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm))
    if str(path) == "-":
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return path.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, UnicodeError, IndexError) as exc:
        reason = f"the password cannot be read ({exc}). Write it into its first line."
        raise FileUnreadable(str(path), reason) from exc


def hash_password_of(path: Path | None) -> str:
    """Return the hash of the password in a file; empty without one.

    Raises:
        FileUnreadable: The file cannot be read.
        InvalidPlan: The password is too short.
    """
    return hash_password(read_password(path)) if path is not None else ""
