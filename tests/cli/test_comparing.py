"""`dmc compare`, and the dataframe of the same."""

from __future__ import annotations

from pathlib import Path

from dmc_widgets.center import Center
from tests.cli.driver import Driver
from tests.tasks.test_migrating_namesakes import documents, fill


def test_what_was_brought_over_is_alike(run: Driver, target: str) -> None:
    """After an import of all definitions nothing is left to tell."""
    result = run("compare", "Sample source", target)

    assert result.exit_code == 0
    assert result.stdout == "Folders, picklists and definitions are alike.\n"
    assert run.listing("compare", "Sample source", target) == []


def test_an_empty_target_lacks_everything(run: Driver) -> None:
    """Each document is a line; the exit status says that there are some."""
    result = run("compare", "Sample source", "Sample target")

    assert result.exit_code == 3
    assert result.stdout.splitlines()[-1] == "8 added, 0 removed, 0 changed."


def test_the_dataframe_holds_a_line_a_difference(center: Center, target: str) -> None:
    """Notebooks filter and count what the command line prints."""
    frame = center.compare(target, "Sample target")

    assert list(frame.columns) == [
        "type",
        "name",
        "externalReferenceCode",
        "change",
        "path",
        "source",
        "target",
    ]
    assert list(frame["name"][frame["type"] == "ObjectDefinition"]) == [
        "Bicycle",
        "Customer",
        "Repair",
    ]
    assert set(frame["change"]) == {"added"}


def test_other_codes_are_counted_with_what_can_be_done(
    run: Driver, tmp_path: Path
) -> None:
    """A line for each, and none for its mentions."""
    for name, suffix in (("here", ""), ("there", "-2")):
        fill(tmp_path / f"{name}.db", documents(suffix))
        run("connect", name, f"sqlite:///{tmp_path / name}.db")

    result = run("compare", "here", "there")

    assert result.stdout.splitlines()[-1] == (
        "0 added, 0 removed, 4 changed. Other external reference codes: 4; dmc migrate "
        "takes these as the same with --match-names."
    )
