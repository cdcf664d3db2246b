"""A control that reports a lost kernel: without it the page looks alive and is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .control import Control, read_scripts, read_styles


class Heartbeat(Control):
    """Says that the connection is lost, and brings the page back once it can.

    It belongs into a page once, anywhere, and takes no space. Under Voilà the page is
    loaded again, at its address, when the kernel has ended or the server is another
    one; in JupyterLab it only says so.

    Args:
        on_return: Called with the time, in seconds since 1970, from which on the page
            has seen nothing.
    """

    _esm = read_scripts("elements.js", "heartbeat.js")
    _css = read_styles("heartbeat.css")

    def __init__(self, on_return: Callable[[float], object] = lambda _at: None) -> None:
        self._on_return = on_return
        super().__init__()

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        if content.get("kind") == "ping":
            self.send({"kind": "pong"})
        elif content.get("kind") == "back":
            self._on_return(float(content.get("since", 0.0)))
