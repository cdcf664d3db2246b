"""Waiting for tasks with their progress in view, and what an interrupt does to them.

An interrupt is Ctrl-C, or the button of a notebook that interrupts its kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from ..model.task import Task
from ..tasks.packages.report import PackageReport, PackageStep
from .progress_display import show_progress
from .progress_text import describe_cancelled, describe_left_alone
from .tasks import Tasks

_CANCEL_TIMEOUT_S: Final = 30.0
_RESUMING: Final = (
    "Go on with it: the same call with resume=True leaves out what is in."
)


def follow_start(tasks: Tasks, started: Task, *, wait: bool) -> Task:
    """Wait for the end of a task that the caller has just started, if *wait* is true.

    No other program knows of it, so an interrupt cancels it, and says how it goes on.

    Raises:
        KeyboardInterrupt: The task was cancelled, or is about to be.
    """
    if not wait:
        return started
    with show_progress(started.name) as display:
        try:
            return tasks.wait(started.id, on_change=display.show)
        except KeyboardInterrupt:
            task = tasks.cancel(started.id)
            try:
                task = tasks.wait(started.id, timeout_s=_CANCEL_TIMEOUT_S)
            finally:  # a second interrupt ends the waiting
                display.show(task)
                display.say(describe_cancelled(task))
            raise


def follow(tasks: Tasks, watched: Task, timeout_s: float | None) -> Task:
    """Wait for a task that runs by itself; an interrupt ends the waiting alone.

    Raises:
        KeyboardInterrupt: The caller was interrupted; the task goes on.
    """
    with show_progress(watched.name) as display:
        try:
            return tasks.wait(watched.id, timeout_s=timeout_s, on_change=display.show)
        except KeyboardInterrupt:
            display.say(describe_left_alone(watched))
            raise


def follow_package(
    name: str,
    import_files: Callable[..., Iterable[PackageStep]],
    *,
    is_dry_run: bool,
) -> PackageReport:
    """Import the files of a package with the progress of each in view.

    Args:
        name: The name of the package.
        import_files: Starts the import of each file when its step is asked for, and
            cancels it at an interrupt. It is given the function *on_change*.
        is_dry_run: Nothing is written, so there is nothing to go on with.

    Raises:
        KeyboardInterrupt: The file that was being imported was cancelled.
    """
    with show_progress(name) as display:
        try:
            return PackageReport(tuple(import_files(on_change=display.show)))
        except KeyboardInterrupt:
            rest = "" if is_dry_run else f" {_RESUMING}"
            display.say(f"The import of {name} was cancelled.{rest}")
            raise
