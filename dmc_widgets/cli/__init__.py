"""The command line `dmc`: a thin caller of the center.

`--workspace`, the listings' `--json` and the four exit statuses are the same for
every command. The center, and all that it imports, is loaded by the command that
needs it, so that `dmc --help` answers at once.
"""

from __future__ import annotations

from .app import app, main

__all__ = ["app", "main"]
