"""A control that reports a lost kernel: without it the page looks alive and is not."""

from __future__ import annotations

from typing import Any

from .control import Control, read_scripts, read_styles


class Heartbeat(Control):
    """Shows "Connection lost. Reload the page." while the kernel does not answer.

    It belongs into a page once, anywhere, and takes no space.
    """

    _esm = read_scripts("elements.js", "heartbeat.js")
    _css = read_styles("heartbeat.css")

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        if content.get("kind") == "ping":
            self.send({"kind": "pong"})
