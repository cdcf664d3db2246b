"""A round of repair with very many failed records: the time and memory of each step.

Each step is a command of its own, so that its memory is its own.
"""

from __future__ import annotations

import csv
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import psutil

from dmc_widgets.center import Center
from dmc_widgets.model.task import Counts
from dmc_widgets.workspace import Workspace
from tests.mending import pictures
from tests.mending.rounds import open_center

_LOOK_S: Final = 0.05
_ID: Final = 1


class _Step:
    """Runs a command, and watches it and the worker that it starts."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._peaks: dict[int, int] = {}
        command = [str(Path(sys.executable).parent / "dmc")]
        options = ["--workspace", str(folder / "workspace")]
        started = time.monotonic()
        self._process = psutil.Popen(
            [*command, *options, *arguments], stdout=-1, stderr=-1, text=True
        )
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        self.output, self.errors = self._process.communicate()
        watcher.join()
        self.seconds = time.monotonic() - started

    def _watch(self) -> None:
        while self._process.poll() is None:
            try:
                for process in (self._process, *self._process.children(True)):
                    used = process.memory_info().rss
                    known = self._peaks.get(process.pid, 0)
                    self._peaks[process.pid] = max(known, used)
            except psutil.NoSuchProcess:
                pass
            time.sleep(_LOOK_S)

    def __str__(self) -> str:
        own, *others = (f"{x / 1e6:,.0f} MB" for x in self._peaks.values())
        worker = f", worker {others[-1]}" if others else ""
        return f"{self.seconds:6.1f} s, command {own}{worker}"


def measure(folder: Path, number: int) -> Iterator[str]:
    """Import *number* wrong records, mend them as CSV, and bring them in.

    Yields:
        What each step took, and at last what is wrong afterwards.
    """
    with open_center(folder):
        pass  # makes the target, and a workspace that knows it
    original, failed, mended = (
        folder / f"{name}.csv" for name in ("pictures", "failed", "mended")
    )
    _write_original(original, number)
    task = str(_ID)
    options = ("--on-error", "continue", "--no-verify")
    for title, arguments in (
        ("import", ("import", "target", "Picture", str(original), *options)),
        ("write the file", ("failures", task, "-o", str(failed))),
        ("check", ("retry", task, str(mended), "--dry-run")),
        ("retry", ("retry", task, str(mended))),
    ):
        if title == "check":
            _mend(failed, mended)
        step = _Step(folder, *arguments)
        yield f"{title:15} {step}"
    with closing(Workspace(folder / "workspace")) as workspace:
        ended = Center(workspace).tasks.get(_ID)
    is_in = ended.counts == Counts(created=number)
    yield "all in" if is_in else f"{ended.status}, {ended.counts}: {step.errors}"


def _write_original(path: Path, number: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, [*pictures.good_record(1)])
        writer.writeheader()
        for place in range(1, number + 1):
            fault = pictures.FAULTS[place % len(pictures.FAULTS)]
            writer.writerow({**pictures.good_record(place), fault.field: fault.bad})


def _mend(failed: Path, mended: Path) -> None:
    """Mend each row in the column at fault."""
    with (
        failed.open(newline="", encoding="utf-8-sig") as read,
        mended.open("w", newline="", encoding="utf-8") as written,
    ):
        reader = csv.DictReader(read)
        writer = csv.DictWriter(written, [*(reader.fieldnames or ())])
        writer.writeheader()
        for row in reader:
            place = int(row["errorRecord"])
            fault = pictures.FAULTS[place % len(pictures.FAULTS)]
            value = pictures.mended_value(place, fault)
            writer.writerow({**row, fault.field: value})
