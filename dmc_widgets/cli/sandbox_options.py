"""The options of `dmc sandbox`.

Secrets are better given in the environment: other programs can see the arguments of a
process.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from ..installations.addresses import is_postgresql, parse_address
from .local_paths import parse_local_path
from .options import require_writable_path

_SCOPE = re.compile(r"([\w.-]+\.)?everything(\.(read|write))?", re.ASCII)


def require_scopes(scopes: list[str] | None) -> list[str] | None:
    """Refuse malformed scopes, which would leave the client without any right."""
    for scope in scopes or ():
        if not _SCOPE.fullmatch(scope):
            message = (
                f"{scope!r} is not a scope. Write it like C_Ticket.everything, "
                "or C_Ticket.everything.read."
            )
            raise typer.BadParameter(message)
    return scopes


def require_store(url: str) -> str:
    """Refuse what is not the address of a PostgreSQL database, or holds a password."""
    if url and not is_postgresql(url):
        message = "This is not the address of a PostgreSQL database."
        raise typer.BadParameter(message)
    if url and parse_address(url).secret is not None:
        message = "Other users see arguments. Set DMC_PASSWORD to the password instead."
        raise typer.BadParameter(message)
    return url


_SECRET_VARIABLES = {
    "password": "DMC_SANDBOX_PASSWORD",
    "read_only_password": "DMC_SANDBOX_READ_ONLY_PASSWORD",
    "client_secret": "DMC_SANDBOX_CLIENT_SECRET",
}
"""The options that hold a secret, and the environment variable of each."""


def warn_of_visible_secrets(ctx: typer.Context) -> None:
    """Warn about secrets among the arguments, which other users can see."""
    for name, variable in _SECRET_VARIABLES.items():
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = "--" + name.replace("_", "-")
            typer.echo(
                f"Warning: Other users of this machine can see what follows {option}. "
                f"Set the environment variable {variable} instead.",
                err=True,
            )


Database = Annotated[
    Path,
    typer.Option(
        "--db",
        metavar="FILE",
        parser=parse_local_path,
        callback=require_writable_path,
        help="The embedded installation; made when it is not there. "
        "Tasks are kept in the folder FILE.sandbox beside it.",
    ),
]
Store = Annotated[
    str,
    typer.Option(
        "--store",
        metavar="URL",
        callback=require_store,
        help="A PostgreSQL database in place of the file: postgresql://USER@HOST/NAME. "
        "Its password is taken from DMC_PASSWORD, PGPASSWORD or ~/.pgpass.",
        show_default=False,
    ),
]
Port = Annotated[
    int,
    typer.Option("--port", min=0, max=65535, metavar="P", help="0 for any free one."),
]
Host = Annotated[
    str,
    typer.Option(
        "--host",
        metavar="H",
        help="The address to listen at; 0.0.0.0 lets other machines in: add --tls.",
    ),
]
Sites = Annotated[
    list[str] | None,
    typer.Option(
        "--site",
        metavar="KEY",
        help="A site that it has besides Global and Guest; repeat it. It stays known.",
    ),
]
User = Annotated[str, typer.Option("--user", metavar="U", help="May do everything.")]
Password = Annotated[
    str,
    typer.Option(
        "--password",
        metavar="P",
        envvar="DMC_SANDBOX_PASSWORD",
        help="Of the user. Without it: a new one, which is printed.",
        show_default=False,
    ),
]
ReadOnlyUser = Annotated[
    str,
    typer.Option(
        "--read-only-user",
        metavar="U",
        help="Another user, who may change nothing. Without it: none.",
        show_default=False,
    ),
]
ReadOnlyPassword = Annotated[
    str,
    typer.Option(
        "--read-only-password",
        metavar="P",
        envvar="DMC_SANDBOX_READ_ONLY_PASSWORD",
        help="Of the read-only user. Without it: a new one, which is printed.",
        show_default=False,
    ),
]
ClientId = Annotated[
    str, typer.Option("--client-id", metavar="C", help="Of OAuth 2 client credentials.")
]
ClientSecret = Annotated[
    str,
    typer.Option(
        "--client-secret",
        metavar="S",
        envvar="DMC_SANDBOX_CLIENT_SECRET",
        help="Of the client. Without it: a new one, which is printed.",
        show_default=False,
    ),
]
ClientScopes = Annotated[
    list[str] | None,
    typer.Option(
        "--client-scope",
        metavar="S",
        callback=require_scopes,
        help="A scope of the client, such as C_Ticket.everything.read or "
        "Liferay.Headless.Batch.Engine.everything; repeat it. Without it: everything.",
    ),
]
Version = Annotated[
    str,
    typer.Option(
        "--version",
        metavar="V",
        help="Play this version of Liferay, such as 7.4.3.112: know what it knows, "
        "and refuse the rest. Without it: the newest.",
        show_default=False,
    ),
]
MaxBody = Annotated[
    int,
    typer.Option("--max-body", min=1, metavar="MIB", help="The largest request."),
]
CallbackHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--callback-host",
        metavar="H",
        help="A host that tasks may call back; repeat it. Without it: every host "
        "with a public address.",
    ),
]
LocalCallbacks = Annotated[
    bool,
    typer.Option(
        "--local-callbacks",
        help="Tasks may call back addresses of this machine and of private networks.",
    ),
]
Tls = Annotated[
    bool,
    typer.Option(
        "--tls",
        help="Serve over HTTPS with a certificate that the sandbox makes and keeps in "
        "FILE.sandbox; which file clients trust it by is printed.",
    ),
]
CertFile = Annotated[
    Path | None,
    typer.Option(
        "--certfile",
        metavar="FILE",
        parser=parse_local_path,
        help="Serve over HTTPS with this certificate, in PEM form.",
        show_default=False,
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--keyfile",
        metavar="FILE",
        parser=parse_local_path,
        help="The key of the certificate. Without it: the same file.",
        show_default=False,
    ),
]
