"""The progress of a task, shown while a caller waits: in a notebook or a terminal.

A program that is neither stays quiet. IPython and rich are imported where they are
used, and only there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from importlib import import_module
from typing import Any

from ..model.task import Task

OnChange = Callable[[Task], None]


@contextmanager
def show_progress(title: str) -> Iterator[OnChange | None]:
    """Give a function that shows a task's progress; None where nothing shows it."""
    if _is_notebook():
        yield _notebook_progress(title)
    elif sys.stderr is not None and sys.stderr.isatty():
        with _terminal_progress(title) as on_change:
            yield on_change
    else:
        yield None


def _is_notebook() -> bool:
    """Return True if this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


def _notebook_progress(title: str) -> OnChange:
    ipython: Any = import_module("IPython.display")
    html = ipython.HTML
    handle = ipython.display(html(progress_html(title, None)), display_id=True)

    def update(task: Task) -> None:
        handle.update(html(progress_html(title, task)))

    return update


@contextmanager
def _terminal_progress(title: str) -> Iterator[OnChange]:
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, markup=False, emoji=False)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task(title, total=100)
        yield lambda task: progress.update(bar, completed=task.progress.percent)


def progress_html(title: str, task: Task | None) -> str:
    """Return a bar with the title and the records that are done, as HTML."""
    percent = task.progress.percent if task is not None else 0
    detail = f"{task.status}, {task.counts.total:,} records" if task else "Queued"
    if task is not None and task.status.is_final:
        percent = 100
    return (
        f"<label>{escape(title)} <progress max='100' value='{percent}'></progress> "
        f"{escape(detail)}</label>"
    )
