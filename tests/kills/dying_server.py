"""A sandbox that is killed in the middle: ``python -m tests.kills.dying_server``.

It kills itself when somebody asks for the first time what became of entries that
were sent to it. A kill from outside would come too late on a busy machine.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from dmc_widgets.sandbox import server
from dmc_widgets.sandbox.app import create_app
from dmc_widgets.sandbox.context import AppContext
from tests.sandbox.conftest import SETTINGS

_IMPORT = "/import-task/com.liferay.object.rest.dto.v1_0.ObjectEntry"


class DyingApp:
    """The sandbox's application, up to the first request after that of the entries."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._has_entries = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or none any more."""
        if self._has_entries:
            os.kill(os.getpid(), signal.SIGKILL)
        await self._app(scope, receive, send)
        self._has_entries = _IMPORT in scope.get("path", "")


def _create_dying_app(context: AppContext) -> DyingApp:
    return DyingApp(create_app(context))


if __name__ == "__main__":
    vars(server)["create_app"] = _create_dying_app
    database, port = sys.argv[1:]
    server.serve_sandbox(Path(database), SETTINGS, "127.0.0.1", int(port))
