"""`dmc compare`, and the dataframe of the same."""

from __future__ import annotations

import json
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from tests.cli.driver import Driver
from tests.tasks.imports.test_ignored_changes import field, thing, write
from tests.tasks.migration.test_migration_name_matches import documents, fill


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
    frame = center.installations.compare(target, "Sample target")

    assert list(frame.columns) == [
        "type",
        "name",
        "externalReferenceCode",
        "change",
        "path",
        "source",
        "target",
        "kept",
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


def test_what_an_import_keeps_is_marked(run: Driver, tmp_path: Path) -> None:
    """The table has the mark, JSON and the last line the reason."""
    for name, title in (("here", "Text"), ("there", "LongText")):
        installation = connect(f"sqlite:///{tmp_path / name}.db")
        fields = [field("title", title)]
        item = {**thing("TICKET"), "objectFields": fields, "objectRelationships": []}
        write(installation, "ObjectDefinition", item)
        installation.close()
        run("connect", name, f"sqlite:///{tmp_path / name}.db")

    result = run("compare", "here", "there")

    assert result.exit_code == 3
    assert result.stdout.splitlines()[-1] == (
        "0 added, 0 removed, 2 changed. Kept by an import, which does not change them: "
        "2 (it is published)."
    )
    shapes = json.loads(run("compare", "here", "there", "--json").stdout)
    assert [(shape["path"], shape["kept"]) for shape in shapes] == [
        ("objectFields.title.DBType", "it is published"),
        ("objectFields.title.businessType", "it is published"),
    ]


def test_preview_and_import_name_what_is_kept(run: Driver, tmp_path: Path) -> None:
    """The table prints it with the records, JSON beside them on standard error."""
    item = {**thing("TICKET"), "objectFields": [field("title", "Text")]}
    item["objectRelationships"] = []
    installation = connect(f"sqlite:///{tmp_path / 'there'}.db")
    write(installation, "ObjectDefinition", item)
    installation.close()
    run("connect", "there", f"sqlite:///{tmp_path / 'there'}.db")
    file = tmp_path / "definitions.json"
    file.write_text(json.dumps([{**item, "scope": "site"}]))
    told = (
        "ObjectDefinition Ticket keeps what is stored, because it is published: scope "
        '(stored "company", given "site").'
    )

    shown = run("preview", "there", "ObjectDefinition", str(file))
    shaped = run("preview", "there", "ObjectDefinition", str(file), "--json")
    done = run("import", "there", "ObjectDefinition", str(file))

    assert told in shown.stdout.splitlines()
    assert f"Note: {told}\n" in shaped.stderr
    assert json.loads(shaped.stdout)[0]["expected"] == "unchanged"
    assert f"Note: {told}\n" in done.stdout
