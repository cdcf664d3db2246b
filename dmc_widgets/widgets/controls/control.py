"""The base of our controls, and the scripts and style sheets beside this file.

The script of a widget is sent as one module and cannot import another file, so what
controls share is put before it. There is no build step.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
from traitlets import Dict

from ...languages import LazyText, lazy, resolve, translate_script

UNEXPECTED_ERROR = lazy("Unexpected Error.")
"""What a control shows for an error that is not one of ours."""

_FOLDER = Path(__file__).parent


class Control(anywidget.AnyWidget):
    """A widget with a script of its own in the page, which sends messages.

    A message is a dictionary with the text ``kind``, and may carry buffers. Messages
    may arrive on any thread, even two at once.

    Args:
        traits: Initial values of the attributes; lazy texts among them are translated.

    Attributes:
        language: The language in use, and the texts of the script in it.
    """

    _esm = ""

    language = Dict().tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        defaults = {
            name: trait.default_value
            for name, trait in self.traits(sync=True).items()
            if isinstance(trait.default_value, LazyText)
        }
        shown = {
            name: resolve(value) if isinstance(value, str) else value
            for name, value in {**defaults, **traits}.items()
        }
        super().__init__(**{"language": translate_script(self._esm), **shown})
        self.add_class("dmc-control")
        self.on_msg(self._dispatch)

    def simulate_message(
        self, content: dict[str, Any], buffers: Sequence[bytes] = ()
    ) -> None:
        """Handle a message as if the script in the page had sent it, for tests.

        >>> table.simulate_message({"kind": "link", "key": "7"})
        """
        self.handle_message(content, [memoryview(buffer) for buffer in buffers])

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script; subclasses override this."""

    def _dispatch(
        self, _widget: object, content: dict[str, Any], buffers: list[memoryview]
    ) -> None:
        self.handle_message(content, buffers)


def read_scripts(*names: str) -> str:
    """Return the scripts as one JavaScript module, in this order."""
    return "\n".join(_read(name) for name in names)


def read_styles(*names: str) -> str:
    """Return the style sheets after those that all controls share."""
    return "\n".join(_read(name) for name in ("colors.css", "control.css", *names))


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
