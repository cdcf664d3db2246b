"""The progress of a task, shown while a caller waits: in a notebook or a terminal.

A notebook has a bar that is updated in place, a terminal has one on its last line, and
a log has a line now and then. None of them needs ipywidgets or rich: a program that has
only the plain package shows them, too. IPython is imported where there is a notebook.
"""

from __future__ import annotations

import shutil
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import Any, Final, Protocol, TextIO

from ..model.representation import printable
from ..model.task import Task, TaskStatus
from .progress_text import (
    format_progress,
    format_progress_line,
    format_result,
    part_at_work,
)

_LINE_INTERVAL_S: Final = 10.0
_BAR_COLUMNS: Final = 16
_TITLE_COLUMNS: Final = 30


class ProgressDisplay(Protocol):
    """Shows a task while somebody waits for its end."""

    def show(self, task: Task) -> None:
        """Show the present progress of the task."""
        ...

    def say(self, sentence: str) -> None:
        """Show a sentence that stays when the waiting is over."""
        ...

    def close(self) -> None:
        """Remove what would be in the way of later output."""
        ...


@contextmanager
def show_progress(title: str) -> Iterator[ProgressDisplay]:
    """Show the progress of a task, or of several in turn, until the block ends.

    >>> with show_progress(task.name) as display:
    ...     center.tasks.wait(task, on_change=display.show)
    """
    display = _open_display(title)
    try:
        yield display
    finally:
        display.close()


def _open_display(title: str) -> ProgressDisplay:
    if is_notebook():
        return NotebookBar(title)
    if sys.stderr is not None and sys.stderr.isatty():
        return TerminalBar(sys.stderr)
    return ProgressLines()


def is_notebook() -> bool:
    """Return True if this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


class NotebookBar:
    """A bar in the output of the cell that waits, updated in place.

    Args:
        title: What is shown before the task has been read.
    """

    def __init__(self, title: str) -> None:
        ipython: Any = import_module("IPython.display")
        self._html = ipython.HTML
        self._bar, self._sentences = progress_html(title, None), ""
        self._handle = ipython.display(self._html(self._bar), display_id=True)

    def show(self, task: Task) -> None:
        """Show the present progress of the task."""
        self._bar = progress_html(task.name, task)
        self._update()

    def say(self, sentence: str) -> None:
        """Add a sentence below the bar, which a screen reader reads out."""
        self._sentences += f"<div role='status'>{_isolate(sentence)}</div>"
        self._update()

    def close(self) -> None:
        """Leave the last state in the output, where it stays with the notebook."""

    def _update(self) -> None:
        self._handle.update(self._html(self._bar + self._sentences))


def progress_html(title: str, task: Task | None) -> str:
    """Return a bar with the title and the progress; of an ended task, its result."""
    if task is not None and task.status.is_final:
        return f"<div><b>{_isolate(title)}</b> · {_isolate(format_result(task))}</div>"
    is_known = task is not None and bool(task.progress.of)
    percent = task.progress.percent if task is not None else 0
    value = f" value='{percent}'" if is_known else ""  # without one the bar is moving
    texts = [f"{percent} %"] if is_known else []
    if task is None or task.status is TaskStatus.QUEUED:
        texts.append("Queued")
    else:
        texts += [_isolate(text) for text in (part_at_work(task),) if text]
        texts.append(escape(format_progress(task)))
    return (
        f"<label><b>{_isolate(title)}</b> <progress max='100'{value}></progress> "
        f"{' · '.join(texts)}</label>"
    )


def _isolate(text: str) -> str:
    """Return text as HTML that cannot turn the direction of what is around it."""
    return f"<bdi>{escape(text)}</bdi>"


class TerminalBar:
    """A bar on the last line of a terminal, which is gone when the waiting is over.

    Args:
        stream: The terminal.
        columns: Returns its width.
    """

    def __init__(
        self,
        stream: TextIO,
        columns: Callable[[], int] = lambda: shutil.get_terminal_size().columns,
    ) -> None:
        self._stream = stream
        self._columns = columns
        self._shown = 0
        self._signs = _bar_signs(stream)

    def show(self, task: Task) -> None:
        """Draw the line anew."""
        name = fit_columns(printable(task.name), _TITLE_COLUMNS)
        progress = printable(format_progress(task))
        part = printable(part_at_work(task))
        bar = self._draw_bar(task.progress.percent) if task.progress.of else ""
        self._draw("  ".join(filter(None, (name, bar, part, progress))))

    def say(self, sentence: str) -> None:
        """Write a sentence on a line of its own, which stays."""
        self._draw("")
        self._stream.write(f"{printable(sentence)}\n")
        self._stream.flush()

    def close(self) -> None:
        """Clear the line."""
        self._draw("")

    def _draw_bar(self, percent: int) -> str:
        full, empty = self._signs
        filled = _BAR_COLUMNS * percent // 100
        return f"{full * filled}{empty * (_BAR_COLUMNS - filled)} {percent:3} %"

    def _draw(self, line: str) -> None:
        # The last column stays free: some terminals begin a new line after it.
        line = fit_columns(line, self._columns() - 1)
        width = count_columns(line)
        rest = " " * (self._shown - width)
        self._stream.write(f"\r{line}{rest}\r" if line else f"\r{rest}\r")
        self._stream.flush()
        self._shown = width


def _bar_signs(stream: TextIO) -> tuple[str, str]:
    """Return the signs of a bar that the encoding of a terminal has."""
    try:
        "█░".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "#", "."
    return "█", "░"


def count_columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(map(_character_columns, text))


def fit_columns(text: str, columns: int) -> str:
    """Return a text cut to a number of columns, with three dots where it was cut."""
    if count_columns(text) <= columns:
        return text
    fitting, used = "", 0
    for character in text:
        used += _character_columns(character)
        if used > columns - 3:
            break
        fitting += character
    return f"{fitting}..."[: max(0, columns)]


def _character_columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class ProgressLines:
    """Prints the progress of a task as lines, where no terminal shows a bar.

    Logs of long tasks show that they progress; short tasks print nothing.

    Args:
        clock: Returns seconds.
        every_s: The seconds between two lines.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        every_s: float = _LINE_INTERVAL_S,
    ) -> None:
        self._clock = clock
        self._every_s = every_s
        self._next = clock() + every_s

    def show(self, task: Task) -> None:
        """Print a line if the task is running and the interval is over."""
        if task.status is not TaskStatus.RUNNING or self._clock() < self._next:
            return
        self._next = self._clock() + self._every_s
        self.say(format_progress_line(task))

    def say(self, sentence: str) -> None:
        """Print a sentence on standard error."""
        if sys.stderr is not None:  # a program without a console has none
            sys.stderr.write(f"{printable(sentence)}\n")
            sys.stderr.flush()

    def close(self) -> None:
        """Do nothing: lines stay."""
