"""Says so when the kernel is gone: a page without one looks alive and is not."""

from __future__ import annotations

from typing import Any

import anywidget

from .control import read_script, read_style


class Heartbeat(anywidget.AnyWidget):
    """Shows "Connection lost. Reload the page." while the kernel does not answer.

    Put it into a page once, anywhere; it takes no room.
    """

    _esm = read_script("elements.js", "heartbeat.js")
    _css = read_style("heartbeat.css")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._on_message)

    def _on_message(
        self, _widget: object, content: dict[str, Any], _buffers: object
    ) -> None:
        if content.get("kind") == "ping":
            self.send({"kind": "pong"})
