"""What holds for the house as a whole: surface, layers, sizes, and a true README."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import dmc_widgets as dmc
from dmc_widgets import errors

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dmc_widgets"
BIN = Path(sys.executable).parent


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def run(
    *command: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(each) for each in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **environment},
    )


def test_imports_point_one_way() -> None:
    """The layers of the design are a contract that a tool checks."""
    done = run(BIN / "lint-imports", "--no-cache")

    assert done.returncode == 0, done.stdout


def test_importing_is_cheap() -> None:
    """`import dmc_widgets` loads no database, frame, widget or server."""
    script = "import sys, dmc_widgets; print(*sys.modules, sep='\\n')"
    vendors = [
        "alembic",
        "anywidget",
        "asyncio",
        "ipywidgets",
        "orjson",
        "pandas",
        "psutil",
        "rapidfuzz",
        "rich",
        "sqlalchemy",
        "sqlite3",
        "traitlets",
        "typer",
        "voila",
    ]

    loaded = set(run(sys.executable, "-c", script).stdout.split())

    assert "dmc_widgets" in loaded
    assert loaded.isdisjoint(vendors)


def test_a_worker_loads_nothing_that_only_other_tasks_need() -> None:
    """Loading is most of what a small task takes."""
    script = (
        "import sys, dmc_widgets.tasks.worker.__main__\n"
        "import dmc_widgets.tasks.worker.runner\n"
        "print(*sys.modules, sep='\\n')"
    )
    others = {
        "dmc_widgets.formats.excel.reader",
        "dmc_widgets.formats.excel.writer",
        "dmc_widgets.tasks.migration.migration_task",
        "pandas",
        "psutil",
        "sqlalchemy",
    }

    loaded = set(run(sys.executable, "-c", script).stdout.split())

    assert "dmc_widgets.tasks.imports.import_task" in loaded
    assert loaded.isdisjoint(others)


@pytest.mark.parametrize("words", [[], ["task"]])
def test_asking_a_group_for_help_loads_no_command(words: list[str]) -> None:
    """The command line answers `--help` without what its commands need."""
    script = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from dmc_widgets.cli import app\n"
        f"CliRunner().invoke(app, [*{words}, '--help'])\n"
        "print(*sys.modules, sep='\\n')"
    )

    loaded = set(run(sys.executable, "-c", script).stdout.split())

    assert "dmc_widgets.cli.app" in loaded
    commands = {"import_export", "migration", "options", "servers", "tasks"}
    assert loaded.isdisjoint({f"dmc_widgets.cli.{name}" for name in commands})
    assert loaded.isdisjoint({"alembic", "pandas", "sqlalchemy", "voila"})


def test_command_loads_no_other_command() -> None:
    """The start of a small task is mostly loading."""
    script = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from dmc_widgets.cli import app\n"
        "CliRunner().invoke(app, ['import', '--help'])\n"
        "print(*sys.modules, sep='\\n')"
    )

    loaded = set(run(sys.executable, "-c", script).stdout.split())

    assert "dmc_widgets.cli.import_export" in loaded
    others = {f"dmc_widgets.cli.{name}" for name in ("servers", "tasks", "users")}
    assert loaded.isdisjoint({*others, "dmc_widgets.serve", "rich.console"})


def test_command_looks_through_installed_packages_for_its_help_alone() -> None:
    """Plug-ins are searched in all that is installed, which takes long where much is.

    The help names the formats of plug-ins; an import of JSON Lines needs none.
    """
    script = (
        "import sys\n"
        "import dmc_widgets.cli.import_export, dmc_widgets.center.choices\n"
        "print(*sys.modules, sep='\\n')"
    )

    loaded = set(run(sys.executable, "-c", script).stdout.split())

    assert "dmc_widgets.cli.options" in loaded
    assert loaded.isdisjoint({"importlib.metadata", "dmc_widgets.formats.excel.reader"})


def test_public_surface_is_a_list() -> None:
    """Every public name is listed, in order, and is there; `dir` shows no other."""
    assert dmc.__all__ == sorted(dmc.__all__)
    assert all(hasattr(dmc, name) for name in dmc.__all__)
    assert dir(dmc) == sorted([*dmc.__all__, "__version__"])


def test_every_error_is_public() -> None:
    tree = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, errors.DmcError)
    }

    assert tree - set(dmc.__all__) == set()


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_stays_within_its_budget(path: Path) -> None:
    """A module has at most 600 lines (400 is the aim), a function 40."""
    text = text_of(path)

    assert len(text.splitlines()) <= 600
    assert [
        function.name for function in functions(text) if lines_of(function) > 40
    ] == []


def functions(text: str) -> Iterator[ast.FunctionDef]:
    for each in ast.walk(ast.parse(text)):
        if isinstance(each, ast.FunctionDef):
            yield each


def lines_of(function: ast.FunctionDef) -> int:
    """Count the lines of a function without those of its docstring."""
    first = function.body[0]
    own = span(first) if ast.get_docstring(function) else 0
    return span(function) - own


def span(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=str)
def test_a_notebook_holds_no_outputs(path: Path) -> None:
    """Outputs are of a moment and a machine, and may hold somebody's data."""
    cells = json.loads(text_of(path))["cells"]

    held = [cell.get("outputs") or cell.get("execution_count") for cell in cells]

    assert not any(held)


def test_the_plain_package_brings_no_command_line_and_no_keyring() -> None:
    """Extras do: a program that uses the library has no use for them."""
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    names = {re.split(r"[^A-Za-z0-9-]", line)[0] for line in project["dependencies"]}

    assert names.isdisjoint({"typer", "rich", "keyring", "pandas", "ipywidgets"})
    assert "orjson" in names
