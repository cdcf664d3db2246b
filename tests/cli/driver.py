"""What the tests of the command line share: a way to drive it, and records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from typer.testing import CliRunner, Result

from dmc_widgets.cli import app

ERC = "externalReferenceCode"


@dataclass(frozen=True, slots=True)
class Driver:
    """`dmc` on one workspace, in this process; its tasks run in theirs."""

    workspace: Path

    def __call__(self, *arguments: object) -> Result:
        words = ["--workspace", str(self.workspace), *map(str, arguments)]
        return CliRunner().invoke(app, words, prog_name="dmc")

    def listing(self, *arguments: object) -> Any:
        """Return what a command prints with --json."""
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


def customer(number: int, **values: Any) -> dict[str, Any]:
    """Make a record of C_Customer that shares nothing with others."""
    return {
        ERC: f"T-{number}",
        "name": f"Name {number}",
        "email": f"t{number}@example.com",
        **values,
    }


def jsonl(path: Path, *records: dict[str, Any]) -> Path:
    """Write *records* into the file at *path*."""
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path
