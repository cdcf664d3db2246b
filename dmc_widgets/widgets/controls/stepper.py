"""The steps of a path, and what stands in the way of the next one, as links to it."""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import Bool, Dict, List, Unicode

from ...languages import lazy
from .control import Control, read_scripts, read_styles


class Stepper(Control):
    """Steps with their status in words, each a button; and a list of blockers.

    Attributes:
        label: What the steps are the steps of, for screen readers.
        steps: Dictionaries with the texts *key*, *label*, *status* (``done``, ``open``,
            ``blocked``, ``later``, ``skipped`` or ``running``), *word* and *note*, and
            the booleans *current* and *reachable*.
        purpose: The line above the blockers; empty for that of the changes.
        blockers: Sentences; each is shown as a button.
        shows_blockers: The list of blockers is shown.
        on_go: Called with the key of a step.
        on_lead: Called with the number of a blocker.
    """

    _esm = read_scripts("elements.js", "stepper.js")
    _css = read_styles("stepper.css")

    label = Unicode(lazy("Steps")).tag(sync=True)
    steps = List(Dict()).tag(sync=True)
    purpose = Unicode().tag(sync=True)
    blockers = List(Unicode()).tag(sync=True)
    shows_blockers = Bool(False).tag(sync=True)

    on_go = traitlets.Callable(lambda _key: None)
    on_lead = traitlets.Callable(lambda _number: None)

    def focus(self) -> None:
        """Focus the step in view, from where Tab leads into it."""
        self.send({"kind": "focus"})

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        match content:
            case {"kind": "go", "key": str(key)}:
                self.on_go(key)
            case {"kind": "lead", "number": int(number)}:
                self.on_lead(number)
