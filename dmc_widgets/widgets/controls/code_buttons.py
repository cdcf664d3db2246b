"""Two buttons that copy what does the same in Python, and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import DmcError
from ...languages import gettext as _
from .control import UNEXPECTED_ERROR, Control, read_scripts, read_styles


class CodeButtons(Control):
    """Copies Python or a command to the clipboard, and shows what was copied.

    Browsers give the clipboard only to pages of this machine and to those of https;
    elsewhere the text is shown and selected, ready for Ctrl+C.

    A DmcError raised by *find_code* is said beside the buttons. Any other error
    propagates; the control then says "Unexpected Error."

    Args:
        find_code: Called with ``python`` or ``command`` at every press; returns the
            text.
        traits: Initial values of *layout*.
    """

    _esm = read_scripts("elements.js", "code_buttons.js")
    _css = read_styles("code_buttons.css")

    def __init__(self, find_code: Callable[[str], str], **traits: Any) -> None:
        self._find_code = find_code
        super().__init__(**traits)

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {"kind": "find", "request": request, "language": str(language)}:
                answer = {"kind": "code", "request": request, "text": "", "reason": ""}
                try:
                    answer["text"] = self._find_code(language)
                except DmcError as exc:
                    answer["reason"] = str(exc)
                except BaseException:
                    answer["reason"] = _(UNEXPECTED_ERROR)  # or the page would wait
                    raise
                finally:
                    self.send(answer)
