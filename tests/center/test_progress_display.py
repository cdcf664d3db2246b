"""The progress of a task in notebooks, terminals and logs, and what interrupts do."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center.following import follow, follow_package, follow_start
from dmc_widgets.center.progress_display import (
    ProgressLines,
    TerminalBar,
    fit_columns,
    progress_html,
    show_progress,
)
from dmc_widgets.center.progress_text import describe_cancelled, format_progress
from dmc_widgets.model.plan import Action
from dmc_widgets.model.task import Progress, Task, TaskPart, TaskStatus
from dmc_widgets.tasks.packages.report import PackageReport, PackageStep

QUEUED = Task(
    id=7,
    name="Customers <1>",
    installation="Sample target",
    plan=dmc.ImportPlan(entity_type="C_Customer"),
    author="",
    created="",
    modified="",
)
RUNNING = replace(
    QUEUED,
    status=TaskStatus.RUNNING,
    counts=dmc.Counts(created=39_988, failed=12),
    progress=Progress(done=4_000_000, of=20_000_001, started=1000.0, updated=1020.0),
)
CANCELLED = replace(RUNNING, status=TaskStatus.CANCELLED, error="It was cancelled.")


class Terminal(io.StringIO):
    """A terminal: what is read is what a person would see on its last line."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return True

    @property
    def last_line(self) -> str:
        line: list[str] = []
        for written in self.getvalue().split("\n")[-1].split("\r"):
            line[: len(written)] = written
        return "".join(line).rstrip()


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The outputs that a notebook has shown, one after another in the same place."""
    shown: list[str] = []

    def display(text: str, *, display_id: bool) -> SimpleNamespace:
        assert display_id
        shown.append(text)
        return SimpleNamespace(update=shown.append)

    shell = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=1))
    module = SimpleNamespace(HTML=str, display=display)
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    return shown


class InterruptedTasks:
    """Tasks whose first waiting is interrupted."""

    def __init__(self, ended: Task, further: int = 0) -> None:
        self.ended = ended
        self.calls: list[str] = []
        self._interrupts = 1 + further

    def wait(self, _task: int, **_: Any) -> Task:
        self.calls.append("wait")
        if self._interrupts:
            self._interrupts -= 1
            raise KeyboardInterrupt
        return self.ended

    def cancel(self, task: int) -> Task:
        self.calls.append(f"cancel {task}")
        return RUNNING


def test_progress_states_total_failures_pace_and_time_left() -> None:
    """A file is known by its bytes, so that its records are an estimate."""
    assert format_progress(RUNNING) == (
        "40,000 of about 200,000 records, 12 failed, 2,000 a second, 1:20 left"
    )


def test_the_total_of_an_export_is_exact() -> None:
    progress = Progress(done=40_000, of=123_456, started=1000.0, updated=1020.0)
    export = replace(
        RUNNING,
        plan=dmc.ExportPlan(entity_type="Customer"),
        progress=progress,
        counts=dmc.Counts(created=40_000),
    )

    assert export.action is Action.EXPORT
    assert format_progress(export).startswith("40,000 of 123,456 records, 2,000 a")


def test_a_notebook_shows_a_bar_that_is_updated_in_place(notebook: list[str]) -> None:
    """Names are text, and the result takes the place of the bar."""
    with show_progress(QUEUED.name) as display:
        display.show(RUNNING)
        display.show(replace(RUNNING, status=TaskStatus.COMPLETED))

    first, running, ended = notebook
    name = "<b><bdi>Customers &lt;1&gt;</bdi></b>"
    assert first == f"<label>{name} <progress max='100'></progress> Queued</label>"
    assert f"{name} <progress max='100' value='19'></progress> 19 %" in running
    assert "12 failed, 2,000 a second, 1:20 left" in running
    assert "<progress" not in ended
    assert "Completed: 39,988 created, 12 failed" in ended


def test_the_bar_of_a_migration_names_the_part_at_work() -> None:
    part = TaskPart(entity_type="C_Bicycle", status=TaskStatus.RUNNING)

    text = progress_html("Move", replace(RUNNING, parts=(part,)))

    assert "19 % · <bdi>C_Bicycle</bdi> · 40,000" in text


def test_a_terminal_has_one_line_that_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)

    with show_progress(QUEUED.name) as display:
        assert isinstance(display, TerminalBar)
        display.show(RUNNING)
        shown = terminal.last_line

    assert shown.startswith("Customers <1>  ███░░░░░░░░░░░░░  19 %  40,000 of about")
    assert terminal.last_line == ""
    assert "\n" not in terminal.getvalue()


@pytest.mark.parametrize(
    ("name", "columns", "shown"),
    [
        ("Tickets", 30, "Tickets  ###............."),
        ("\x1b[2JTickets", 30, "\\x1b[2JTickets  ###......"),
        ("顧客データの移行", 24, "顧客データの移行  ##"),
    ],
    ids=["narrow", "control-characters", "wide-characters"],
)
def test_a_line_stays_on_its_line(name: str, columns: int, shown: str) -> None:
    """Whatever the width, the encoding and the name: a second line would stay."""
    terminal = Terminal("ascii")
    display = TerminalBar(terminal, lambda: columns)

    display.show(replace(RUNNING, name=name))

    assert terminal.last_line.startswith(shown)
    assert terminal.last_line.endswith("...")


def test_text_is_cut_to_the_columns_that_it_takes() -> None:
    assert fit_columns("Tickets", 7) == "Tickets"
    assert fit_columns("Tickets", 6) == "Tic..."
    assert fit_columns("顧客データ", 7) == "顧客..."
    assert fit_columns("Tickets", 2) == ".."


def test_a_shorter_line_covers_a_longer_one() -> None:
    terminal = Terminal()
    display = TerminalBar(terminal, lambda: 80)

    display.show(RUNNING)
    display.show(QUEUED)

    assert terminal.last_line == "Customers <1>  0 records"


def test_an_interrupt_cancels_what_was_just_started(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The caller learns how the task goes on, and its program stops."""
    tasks: Any = InterruptedTasks(CANCELLED)

    with pytest.raises(KeyboardInterrupt):
        follow_start(tasks, QUEUED, wait=True)

    assert tasks.calls == ["wait", "cancel 7", "wait"]
    assert capsys.readouterr().err == (
        "Task 7 Cancelled: 39,988 created, 12 failed. Go on with it: "
        "center.task(7).resume(). Take it back: center.task(7).undo().\n"
    )


def test_a_second_interrupt_does_not_wait_for_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    tasks: Any = InterruptedTasks(CANCELLED, further=1)

    with pytest.raises(KeyboardInterrupt):
        follow_start(tasks, QUEUED, wait=True)

    assert tasks.calls == ["wait", "cancel 7", "wait"]
    assert "Task 7 is being cancelled" in capsys.readouterr().err


def test_an_interrupt_in_a_notebook_is_told_below_the_bar(notebook: list[str]) -> None:
    tasks: Any = InterruptedTasks(CANCELLED)

    with pytest.raises(KeyboardInterrupt):
        follow_start(tasks, QUEUED, wait=True)

    assert "<div role='status'><bdi>Task 7 Cancelled: 39,988" in notebook[-1]
    assert "<progress" not in notebook[-1]


def test_an_interrupt_leaves_a_task_alone_that_was_only_watched(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Somebody else may have started it, or wait for it, too."""
    tasks: Any = InterruptedTasks(CANCELLED)

    with pytest.raises(KeyboardInterrupt):
        follow(tasks, RUNNING, None)

    assert tasks.calls == ["wait"]
    assert capsys.readouterr().err == (
        "Task 7 goes on. Wait for it: center.task(7).wait(). "
        "End it: center.task(7).cancel().\n"
    )


@pytest.mark.parametrize(
    ("is_dry_run", "rest"),
    [
        (
            False,
            " Go on with it: the same call with resume=True leaves out what is in.",
        ),
        (True, ""),
    ],
    ids=["run", "dry-run"],
)
def test_an_interrupted_package_goes_on_file_by_file(
    is_dry_run: bool, rest: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def import_files(on_change: Callable[[Task], None]) -> Iterator[PackageStep]:
        on_change(RUNNING)
        yield PackageStep("a.json")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow_package("all.zip", import_files, is_dry_run=is_dry_run)

    told = f"The import of all.zip was cancelled.{rest}\n"
    assert capsys.readouterr().err == told


def test_a_package_reports_its_files() -> None:
    steps = (PackageStep("a.json"), PackageStep("b.json"))

    report = follow_package("all.zip", lambda **_: steps, is_dry_run=False)

    assert report == PackageReport(steps)


def test_what_has_nothing_left_to_do_is_not_offered_to_go_on() -> None:
    ended = replace(QUEUED, status=TaskStatus.COMPLETED, counts=dmc.Counts(unchanged=3))

    assert describe_cancelled(ended) == "Task 7 Completed: 3 unchanged."


def test_a_program_without_a_console_shows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Such as one that a Windows user starts by a click."""
    monkeypatch.setattr(sys, "stderr", None)

    with show_progress("Tickets") as display:
        assert isinstance(display, ProgressLines)
        display.say("Task 7 goes on.")
