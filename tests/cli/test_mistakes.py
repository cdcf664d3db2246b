"""Wrong use and errors end in a sentence and a status, never in a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import dmc_widgets as dmc
from dmc_widgets.cli import app
from tests.cli.driver import Driver


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(
            ("entities", "Nowhere"),
            2,
            "Error: There is no installation named 'Nowhere'. Known: ",
            id="unknown-installation",
        ),
        pytest.param(
            ("fields", "Sample target", "Camel"),
            2,
            "Error: There is no entity type named 'Camel'. Known: ",
            id="unknown-entity-type",
        ),
        pytest.param(
            ("task", "12345"), 2, "Error: There is no task named '12345'.", id="task"
        ),
        pytest.param(
            ("connect", "X", "ftp://example.com"), 2, "Error: ", id="unknown-scheme"
        ),
        pytest.param(
            ("export", "Sample source", "Customer", "-o", "no/such/folder/x.zip"),
            2,
            "The folder no/such/folder does not exist. Create it first.",
            id="no-folder-to-write-to",
        ),
        pytest.param(
            (
                "export",
                "Sample source",
                "Customer",
                "-o",
                "x.csv",
                "--compression=GZIP",
            ),
            2,
            "Error: --compression is for PARQUET, not for CSV. Leave it out, or choose "
            "--format PARQUET.",
            id="compression-of-another-format",
        ),
        pytest.param(
            (
                "export",
                "Sample source",
                "Customer",
                "-o",
                "x.foo",
                "--compression=GZIP",
            ),
            2,
            "Error: There is no format named 'FOO'. Known: ",
            id="compression-of-an-unknown-format",
        ),
        pytest.param(
            ("package", "Sample target", "pyproject.toml"),
            1,
            "Error: pyproject.toml: this is not a package: it is not a zip, and its "
            "name does not end in batch-engine-data.json. Import a file of records by "
            "itself.",
            id="no-package",
        ),
        pytest.param(
            ("mapping", "Sample source", "Customer", "pyproject.toml", "-o", "."),
            2,
            ". is a folder. Name a file in it.",
            id="a-folder-as-output",
        ),
        pytest.param(
            ("import", "Sample target", "ObjectFolder", "no-such-file.json"),
            2,
            "no-such-file.json",
            id="no-file",
        ),
        pytest.param(("tusks",), 2, "No such command 'tusks'", id="unknown-command"),
        pytest.param(("tasks", "--jsno"), 2, "No such option", id="unknown-option"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    run: Driver, arguments: tuple[str, ...], status: int, message: str
) -> None:
    """Whatever goes wrong ends in a message and a status, never in a traceback."""
    result = run(*arguments)

    assert result.exit_code == status
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(("--format", "XML"), "no format named 'XML'", id="format"),
        pytest.param(("--fields", "name,hat"), "no field named 'hat'", id="field"),
        pytest.param(("--fields", ","), "select at least one field", id="no-field"),
        pytest.param(("--template", "T"), "no template named 'T'", id="template"),
    ],
)
def test_a_wrong_choice_writes_nothing(
    run: Driver, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    """The request is refused before a task starts."""
    tasks = run.listing("tasks")
    file = tmp_path / "x.zip"

    result = run("export", "Sample source", "Customer", "-o", file, *options)

    assert result.exit_code == 2
    assert message in result.stderr
    assert not file.exists()
    assert run.listing("tasks") == tasks


def test_a_broken_file_ends_with_1(run: Driver, target: str, tmp_path: Path) -> None:
    """One line says what is wrong with which file."""
    file = tmp_path / "broken.json"
    file.write_text("not JSON at all")

    result = run("import", target, "Customer", file)

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: broken.json: ")
    assert result.stderr.count("\n") == 1


def test_a_workspace_that_cannot_be_made_ends_with_1(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")

    result = CliRunner().invoke(app, ["--workspace", f"{tmp_path}/file/x", "tasks"])

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")


def test_the_version_is_told() -> None:
    """`dmc --version` needs no workspace."""
    assert CliRunner().invoke(app, ["--version"]).stdout == f"dmc {dmc.__version__}\n"
