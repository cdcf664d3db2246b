"""A little of the long run: every page sees each task, and the log stays empty."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser


def test_pages_of_one_workspace_agree_and_leave_no_trace_in_the_log() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sessions", "--sessions", "3", "--minutes", "0.1"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert re.fullmatch(r"\d+ tasks of 3 pages; the logs: \[\]", last)
