"""The lock files fit the requirements that they were made from."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools" / "bin" / "uv"


@pytest.mark.skipif(not UV.exists(), reason="`make .venv/.dev-ready` fetches uv")
@pytest.mark.parametrize("folder", [".", "examples/orchestration"])
def test_lock_file_is_up_to_date(folder: str) -> None:
    """Nothing is downloaded for it: one that is not would need the network.

    Changed requirements of the package change the lock file of the examples, too. Make
    it again with ``uv lock`` in its folder.
    """
    command = [str(UV), "lock", "--check", "--offline"]
    done = subprocess.run(
        command, cwd=ROOT / folder, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
