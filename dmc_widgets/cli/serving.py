"""`dmc serve`."""

from __future__ import annotations

import typer

from ..serve import serve
from .options import NoBrowser, Port


def serve_dashboard(
    ctx: typer.Context, port: Port = None, no_browser: NoBrowser = False
) -> None:
    """Serve the dashboard on this machine only, until Ctrl-C.

    It needs the extra `dashboard`: pip install 'dmc-widgets[dashboard]'.
    """
    raise typer.Exit(serve(ctx.obj, port=port, open_browser=not no_browser))
