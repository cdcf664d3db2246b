"""Many pages with a task each for a while: growth of every process, and every log.

Run by hand: ``python -m tests.sessions --sessions 10 --minutes 60``. It serves one
workspace by ``dmc serve``, opens a page of it in each of so many browser contexts, and
each runs its own task again and again: every other one an export, the rest imports of
the file that the first export made. Every tenth of the time all pages open the list of
tasks, which has to be the same in each, and it prints the memory of the server, of
each kernel, and of each page. It fails if a log says anything: that of the server,
those of the workers, and the consoles of the pages.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import psutil
from playwright.sync_api import (
    Browser,
    CDPSession,
    ConsoleMessage,
    Error,
    Page,
    expect,
    sync_playwright,
)

from dmc_widgets import open_center
from dmc_widgets.center import Center
from tests.bench.measuring import say
from tests.browser.conftest import OFFLINE, SCREENSHOTS, launch, running

WAIT_MS = 120_000
PORT = 8953
MEGABYTE = 1_000_000
# Between the tasks of all pages: a person looks at what became of one, too.
PAUSE_S = 1.0


@dataclass
class Session:
    """The page of one person, and the task that is theirs.

    Attributes:
        task_id: The newest task of this person.
        is_import: Whether the page asks before it runs the task again.
        said: What its console and its errors said.
    """

    page: Page
    task_id: int
    is_import: bool
    memory: CDPSession
    said: list[str] = field(default_factory=list)

    def take_error(self, error: Error) -> None:
        """Keep what a script of the page did not catch."""
        self.said.append(str(error))

    def take_message(self, message: ConsoleMessage) -> None:
        """Keep what the console calls an error."""
        if message.type == "error":
            self.said.append(message.text)

    def run_again(self) -> None:
        """Run the task once more from its page, and wait for its end."""
        page = self.page
        old = page.url
        press(page, "Run Again")
        if self.is_import:
            press(page, "Run Again", of=2)
        page.wait_for_url(lambda url: url != old, timeout=WAIT_MS)
        self.task_id = int(page.url.rpartition("/")[2])
        again = page.get_by_role("button", name="Run Again", exact=True)
        expect(again.locator("visible=true").first).to_be_enabled(timeout=WAIT_MS)

    def open(self, address: str, heading: str) -> None:
        """Open another address of the dashboard."""
        self.page.evaluate("address => { location.hash = address; }", f"#/{address}")
        shown = self.page.get_by_role("heading", name=heading, exact=True)
        shown.locator("visible=true").first.wait_for(timeout=WAIT_MS)

    def heap_bytes(self) -> float:
        """Return what the page's scripts hold after a collection of garbage."""
        self.memory.send("HeapProfiler.collectGarbage")
        used: float = self.memory.send("Runtime.getHeapUsage")["usedSize"]
        return used


def press(page: Page, name: str, of: int = 1) -> None:
    """Press the first of so many buttons of that name; a question is above the task."""
    found = page.get_by_role("button", name=name, exact=True).locator("visible=true")
    expect(found).to_have_count(of, timeout=WAIT_MS)
    found.first.click(timeout=WAIT_MS)


def start_tasks(center: Center, folder: Path, count: int) -> list[int]:
    """Run the first task of each session, and return their ids."""
    file = folder / "bicycles.jsonl.zip"
    first = center.export_file("Sample source", "Bicycle", file)
    tasks = [first.id]
    for number in range(1, count):
        if number % 2:
            tasks.append(center.import_file("Sample source", "Bicycle", file).id)
        else:
            tasks.append(center.export_file("Sample source", "Bicycle", file).id)
    return tasks


def open_sessions(browser: Browser, url: str, tasks: Sequence[int]) -> list[Session]:
    """Open the page of each task in a browser context of its own."""
    sessions = []
    for number, task_id in enumerate(tasks):
        context = browser.new_context()
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        memory = context.new_cdp_session(page)
        session = Session(page, task_id, bool(number % 2), memory)
        page.on("pageerror", session.take_error)
        page.on("console", session.take_message)
        page.goto(url)
        page.get_by_role("link", name="Import a File").wait_for(timeout=WAIT_MS)
        session.open(f"tasks/{task_id}", "Log")
        sessions.append(session)
    return sessions


def kernels(server: psutil.Process) -> Iterator[psutil.Process]:
    """Find the kernels of the server."""
    for child in server.children(recursive=True):
        try:
            if "ipykernel" in " ".join(child.cmdline()):
                yield child
        except psutil.Error:  # it has ended meanwhile
            continue


def measure(
    server: psutil.Process, sessions: Sequence[Session]
) -> dict[str, list[float]]:
    """Return the memory in MB of the server, of each kernel and of each page."""
    each = [(one.pid, one.memory_info().rss / MEGABYTE) for one in kernels(server)]
    return {
        "server": [server.memory_info().rss / MEGABYTE],
        "kernels": [size for _, size in sorted(each)],
        "pages": [session.heap_bytes() / MEGABYTE for session in sessions],
    }


def say_growth(
    count: int, first: dict[str, list[float]], now: dict[str, list[float]]
) -> None:
    """Print how much each process holds, and how much more than at first."""
    parts = []
    for name, sizes in now.items():
        grown = [
            f"{size:.0f} ({size - before:+.1f})"
            for size, before in zip(sizes, first[name], strict=False)
        ]
        parts.append(f"{name} {' '.join(grown)}")
    say(f"{count} tasks, MB: {'; '.join(parts)}")


def agree(sessions: Sequence[Session], center: Center) -> None:
    """Look at the list of tasks in each page: the newest task is on top of each."""
    newest = max(task.id for task in center.tasks.list())
    for session in sessions:
        session.open("tasks", "Tasks")
        link = session.page.locator(f"a[href$='#/tasks/{newest}']")
        expect(link.first).to_be_visible(timeout=WAIT_MS)
    for session in sessions:
        session.open(f"tasks/{session.task_id}", "Log")


def watch(sessions: list[Session], workspace: Path, minutes: float) -> int:
    """Run tasks until the time is up, and return their number."""
    (server,) = (
        child
        for child in psutil.Process().children()
        if "dmc_widgets" in child.cmdline()
    )
    begun = time.monotonic()
    until, step = begun + minutes * 60, minutes * 6
    due, count = begun, len(sessions)
    first: dict[str, list[float]] = {}
    turns = cycle(sessions)
    with open_center(workspace) as center:
        while time.monotonic() < until:
            for session in sessions:
                next(turns).run_again()
                count += 1
                session.page.wait_for_timeout(PAUSE_S * 1000)
            if time.monotonic() >= due:
                due += step
                agree(sessions, center)
                now = measure(server, sessions)
                first = first or now
                say_growth(count, first, now)
        agree(sessions, center)
        say_growth(count, first, measure(server, sessions))
    return count


def worker_logs(workspace: Path) -> Iterator[str]:
    """Find what the workers of tasks have said."""
    for log in sorted(workspace.rglob("*.log")):
        if text := log.read_text().strip():
            yield f"{log.name}: {text}"


def main() -> None:
    """Run the tasks, and fail if a log says anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=60.0)
    choices = parser.parse_args()
    command = [sys.executable, "-m", "dmc_widgets", "serve", "--no-browser"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace, log = folder / "workspace", folder / "log"
        with (
            log.open("w") as errors,
            running([*command, "--port", str(PORT)], workspace, errors) as url,
            sync_playwright() as playwright,
        ):
            browser = launch(playwright.chromium, OFFLINE)
            with open_center(workspace) as center:
                tasks = start_tasks(center, folder, choices.sessions)
            sessions = open_sessions(browser, url, tasks)
            try:
                count = watch(sessions, workspace, choices.minutes)
            except Exception:
                for number, session in enumerate(sessions):
                    session.page.screenshot(path=SCREENSHOTS / f"session-{number}.png")
                raise
            said = [line for session in sessions for line in session.said]
            browser.close()
        said += [log.read_text()] if log.read_text() else []
        said += worker_logs(workspace)
    say(f"{count} tasks of {choices.sessions} pages; the logs: {said!r}")
    if said:
        sys.exit(1)


if __name__ == "__main__":
    main()
