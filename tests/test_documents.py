"""The documents are true: their examples run, their links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from typer.core import TyperGroup
from typer.main import get_group

import dmc_widgets as dmc
from dmc_widgets.cli import app
from dmc_widgets.cli.examples import EXAMPLES
from dmc_widgets.formats import FORMATS
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, UpdateStrategy
from dmc_widgets.model.task import TaskStatus

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_BLOCK = re.compile(
    r"(?P<reason><!-- not run: [^\n]+ -->\n+)?^```(?P<language>python|console)\n"
    r"(?P<text>.*?)^```",
    re.DOTALL | re.MULTILINE,
)


class Example(NamedTuple):
    """A block of code in a page."""

    language: str
    text: str
    runs: bool


def examples_in(page: Path) -> list[Example]:
    text = page.read_text(encoding="utf-8")
    return [
        Example(block["language"], block["text"], block["reason"] is None)
        for block in _BLOCK.finditer(text)
    ]


def script_of(examples: list[Example]) -> Iterator[str]:
    """Yield the lines of one program that does what the page shows, in its order."""
    yield "import subprocess"
    for example in examples:
        if example.language == "python":
            yield example.text
        else:
            commands = re.findall(r"^\$ (.*)$", example.text, re.MULTILINE)
            shell = "\n".join(["set -e", *_exports, *commands])
            yield f"subprocess.run(['sh', '-c', {shell!r}], check=True)"


_exports = ["export DMC_WORKSPACE=my-workspace"]


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(example.runs for example in examples_in(page))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_examples_of_a_page_run(page: Path, tmp_path: Path) -> None:
    """In their order, in an empty folder, with a fresh workspace."""
    examples = [example for example in examples_in(page) if example.runs]

    done = subprocess.run(
        [sys.executable, "-c", "\n".join(script_of(examples))],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_documents_build_without_a_broken_link(tmp_path: Path) -> None:
    """MkDocs refuses links and anchors that lead nowhere, and pages without a menu."""
    done = subprocess.run(
        [BIN / "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    errors = (tmp_path / "reference" / "errors" / "index.html").read_text("utf-8")
    assert "list-type-entry" in errors
    commands = (tmp_path / "reference" / "command-line" / "index.html").read_text(
        "utf-8"
    )
    assert "--import-strategy" in commands


@pytest.mark.parametrize("name", dmc.__all__)
def test_public_name_is_documented(name: str) -> None:
    value = getattr(dmc, name)

    assert (getattr(value, "__doc__", None) or "").strip()


def page_text(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def test_strategies_are_explained_with_their_words_and_labels() -> None:
    text = page_text("concepts/imports.md")

    for strategy in (*ImportStrategy, *UpdateStrategy, *ErrorStrategy):
        assert f"`{strategy}`" in text
        assert strategy.label in text


@pytest.mark.parametrize("status", TaskStatus)
def test_status_of_a_task_is_explained(status: TaskStatus) -> None:
    assert status in page_text("concepts/tasks.md")


@pytest.mark.parametrize("name", FORMATS)
def test_format_is_described(name: str) -> None:
    assert f"| `{name}` |" in page_text("reference/formats.md")


def test_every_code_is_in_the_catalogue() -> None:
    """The reference and `dmc errors` are made from the catalogue."""
    stated = re.compile(
        r'(?:Problem\(\s*|\b(?:code|CODE|_CODE) = )"([a-z]+(?:-[a-z]+)*)"'
    )
    modules = (ROOT / "dmc_widgets").rglob("*.py")
    codes = {
        code for path in modules for code in stated.findall(path.read_text("utf-8"))
    }
    catalogue = {entry.code for entry in dmc.error_catalogue()}

    assert {"unknown-name", "disk-full", "required", "list-type-entry"} <= catalogue
    assert codes - catalogue == set()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_of_a_command_use_its_options(name: str) -> None:
    """What `--help` shows can be typed."""
    *groups, last = name.split()
    group = get_group(app)
    for word in groups:
        subgroup = group.commands[word]
        assert isinstance(subgroup, TyperGroup)
        group = subgroup
    command = group.commands[last]
    options = {option for parameter in command.params for option in parameter.opts}

    for line in EXAMPLES[name].strip().splitlines():
        assert line == f"dmc {name}" or line.startswith(f"dmc {name} ")
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", line)) <= options


def test_readme_fits_on_a_few_screens() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 150
