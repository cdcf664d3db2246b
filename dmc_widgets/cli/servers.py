"""`dmc serve` and `dmc sandbox`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from ..errors import NotSupported
from ..serve import load_options, serve
from ..workspace.source_policy import SourcePolicy
from . import sandbox_options as options
from . import serve_options
from .options import NoBrowser, Port


def serve_dashboard(
    ctx: typer.Context,
    *,
    port: Port = None,
    no_browser: NoBrowser = False,
    host: serve_options.Host = "127.0.0.1",
    base_url: serve_options.BaseUrl = "/",
    allowed_host: serve_options.AllowedHosts = None,
    trusted_proxy: serve_options.TrustedProxies = None,
    idle_limit: serve_options.IdleLimit = 0,
    password_file: serve_options.PasswordFile = None,
    files: serve_options.FileFolders = None,
    allowed_source: serve_options.AllowedSources = None,
    new_token: serve_options.NewToken = False,
) -> None:
    """Serve the dashboard until Ctrl-C: to you alone, or to the users of `dmc user`.

    It needs the extra `dashboard`: pip install 'dmc-widgets[dashboard]'.
    """
    module = load_options()
    options = module.ServeOptions(
        address=host,
        base_url=module.normalize_base_url(base_url),
        allowed_hosts=tuple(allowed_host or ()),
        trusted_proxies=tuple(trusted_proxy or ()),
        idle_minutes=idle_limit,
        password_hash=serve_options.hash_password_of(password_file),
        sources=SourcePolicy.of(files or (), allowed_source or ()),
        new_token=new_token,
    )
    status = serve(
        ctx.obj.workspace, port=port, open_browser=not no_browser, options=options
    )
    raise typer.Exit(status)


def serve_sandbox(
    ctx: typer.Context,
    *,
    db: options.Database = Path("sandbox.db"),
    store: options.Store = "",
    port: options.Port = 8080,
    host: options.Host = "127.0.0.1",
    site: options.Sites = None,
    user: options.User = "test@liferay.com",
    password: options.Password = "",
    read_only_user: options.ReadOnlyUser = "",
    read_only_password: options.ReadOnlyPassword = "",
    client_id: options.ClientId = "dmc-sandbox",
    client_secret: options.ClientSecret = "",
    client_scope: options.ClientScopes = None,
    version: options.Version = "",
    max_body: options.MaxBody = 1024,
    callback_host: options.CallbackHosts = None,
    local_callbacks: options.LocalCallbacks = False,
    tls: options.Tls = False,
    certfile: options.CertFile = None,
    keyfile: options.KeyFile = None,
) -> None:
    """Serve an embedded installation through Liferay's API, until Ctrl-C.

    Programs made for Liferay work against it. It needs the extra `sandbox`:
    pip install 'dmc-widgets[sandbox]'.
    """
    sandbox, server = _load_sandbox(ctx)
    settings = sandbox.Settings(
        sites=tuple(site or ()),
        **_credentials(sandbox, user, password),
        read_only_user=read_only_user,
        read_only_password=_find_password(sandbox, read_only_user, read_only_password),
        client_id=client_id,
        client_secret=client_secret or sandbox.generate_secret(),
        client_scopes=tuple(client_scope or (sandbox.EVERYTHING,)),
        version=version,
        max_body_bytes=max_body * 1024 * 1024,
        callback_hosts=frozenset(callback_host or ()),
        local_callbacks=local_callbacks,
        store=store,
    )
    certificate = _find_certificate(db, host, tls=tls, files=(certfile, keyfile))
    server.serve_sandbox(db, settings, host, port, certificate)


def _credentials(sandbox: Any, user: str, password: str) -> dict[str, str]:
    """Return the user who may do everything, with a new password if none is given."""
    return {"user": user, "password": password or sandbox.generate_secret()}


def _find_password(sandbox: Any, user: str, password: str) -> str:
    """Return the password of a user, a new one if none is given; empty for no user."""
    return password or (sandbox.generate_secret() if user else "")


def _find_certificate(
    database: Path, host: str, *, tls: bool, files: tuple[Path | None, Path | None]
) -> Any:
    """Return the certificate to serve with; None for HTTP."""
    certfile, keyfile = files
    if keyfile is not None and certfile is None:
        message = "The certificate of this key is missing: add --certfile."
        raise typer.BadParameter(message, param_hint="--keyfile")
    if certfile is not None and tls:
        message = "Choose one: --tls makes a certificate, --certfile is yours."
        raise typer.BadParameter(message, param_hint="--tls")
    certificates = import_module("dmc_widgets.sandbox.tls")
    if certfile is not None:
        return certificates.load_certificate(certfile, keyfile)
    folder = database.with_name(f"{database.name}.sandbox") / "tls"
    return certificates.make_certificate(folder, host) if tls else None


def _load_sandbox(ctx: typer.Context) -> tuple[Any, Any]:
    """Load the server only here: other commands do not need it."""
    options.warn_of_visible_secrets(ctx)
    try:
        room = import_module("dmc_widgets.sandbox")
        return room, import_module("dmc_widgets.sandbox.server")
    except ImportError as exc:
        raise NotSupported(
            what="The sandbox needs a web server, which is not installed.",
            instead='Install it: pip install "dmc-widgets[sandbox]".',
        ) from exc
