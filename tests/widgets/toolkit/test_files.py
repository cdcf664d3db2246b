"""Choosing a file, mapping it, and previewing it, without a front end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from traitlets import TraitError

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.widgets import (
    EntityPicker,
    FileChooser,
    MappingTable,
    PreviewTable,
    StrategyPicker,
)

RECORD = b'{"externalReferenceCode": "UP-1", "model": "Kranich"}\n'


def test_an_uploaded_file_is_the_value(center: Center) -> None:
    """It lies in the workspace; its name is the one that the person knows."""
    chooser = FileChooser(center=center)

    chooser.children[2].simulate_upload("my bicycles.jsonl", RECORD)

    assert chooser.name == "my bicycles.jsonl"
    assert chooser.value is not None
    assert chooser.value.read_bytes() == RECORD


def test_a_file_of_a_folder_is_chosen(center: Center, bicycles: Path) -> None:
    folder = bicycles.parent
    (folder / "deeper").mkdir()
    (folder / "deeper" / "more.csv").write_text("a\n1\n")
    (folder / "notes.pdf").write_text("no format of ours")
    chooser = FileChooser(folder, center=center)
    table = chooser.children[4]
    assert [row["name"] for row in table.page["rows"]] == ["deeper/", "bicycles.jsonl"]

    table.simulate_message({"kind": "link", "key": "deeper"})
    assert [row["name"] for row in table.page["rows"]] == ["../", "more.csv"]
    table.simulate_message({"kind": "link", "key": "more.csv"})

    assert chooser.value == folder.resolve() / "deeper" / "more.csv"
    assert chooser.name == "more.csv"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="the system has no links")
def test_nothing_above_the_folder_is_reached(tmp_path: Path) -> None:
    """Not by its name, and not through a link."""
    inner, secret = tmp_path / "inner", tmp_path / "secret.csv"
    inner.mkdir()
    secret.write_text("a\n1\n")
    (inner / "link.csv").symlink_to(secret)
    chooser = FileChooser(inner)
    table = chooser.children[4]

    for key in ("../secret.csv", "link.csv", "/etc/passwd"):
        table.simulate_message({"kind": "link", "key": key})
        assert chooser.value is None
        assert "is not below inner" in chooser.error

    assert table.page["rows"] == []


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    chooser = FileChooser()

    with pytest.raises(dmc.FileUnreadable, match="The file does not exist"):
        chooser.value = tmp_path / "gone.csv"
    assert chooser.value is None
    with pytest.raises(dmc.FileUnreadable, match="not a folder"):
        FileChooser(tmp_path / "gone")


def test_the_mapping_follows_the_names_and_can_be_set(
    center: Center, bicycles: Path
) -> None:
    table = MappingTable(center, "Bicycle", bicycles)
    assert {pair.target for pair in table.mapping.pairs} >= {"model", "price"}
    assert table.problems == ()

    table.mapping = dmc.Mapping(["model=model", "frameNumber=frameNumber"])

    assert [pair.target for pair in table.mapping.pairs] == ["frameNumber", "model"]
    assert table.value == table.mapping

    table.mapping = ["model=model", "price=price"]

    assert [pair.target for pair in table.value.pairs] == ["model", "price"]
    with pytest.raises(TraitError):
        table.mapping = 7


def test_what_a_person_maps_is_the_value(center: Center, bicycles: Path) -> None:
    table = MappingTable(center, "Bicycle", bicycles)
    seen: list[dmc.Mapping] = []
    table.observe(lambda change: seen.append(change["new"]), "mapping")

    table.children[2].grid.on_choose("model", "kind")

    assert dmc.FieldMapping("kind", "model") in table.mapping.pairs
    assert seen[-1] == table.mapping


def test_a_missing_required_field_is_a_problem(center: Center, bicycles: Path) -> None:
    table = MappingTable(center, "Bicycle", bicycles, mapping="price=price")

    assert len(table.problems) == 1
    assert "frameNumber" in table.problems[0]


def test_the_table_follows_pickers(center: Center, bicycles: Path) -> None:
    picker = EntityPicker(center, "Sample source")
    chooser = FileChooser(center=center)
    table = MappingTable(picker, path=chooser)
    assert table.problems != ()

    picker.value = "Bicycle"
    chooser.value = bicycles

    assert (table.entity, table.path, table.problems) == ("C_Bicycle", bicycles, ())


def test_a_preview_tells_what_would_become_of_records(
    center: Center, bicycles: Path
) -> None:
    """Over a center, and over an installation by itself."""
    preview = PreviewTable(center, "Bicycle", bicycles)
    url = center.installations["Sample source"].url
    with dmc.connect(url) as opened:
        alone = PreviewTable(opened, "Bicycle", bicycles)
        assert alone.value == preview.value

    assert preview.value == {"created": 2, "failed": 1}
    assert list(preview.frame["result", "expected"]) == ["created", "created", "failed"]


def test_a_preview_follows_mapping_and_strategies(
    center: Center, bicycles: Path
) -> None:
    table, strategies = MappingTable(center, "Bicycle", bicycles), StrategyPicker()
    preview = PreviewTable(table, policy=strategies)

    strategies.value = dmc.Policy(import_strategy="UPDATE")
    preview.refresh()
    assert preview.value == {"failed": 3}

    strategies.value = dmc.Policy()
    without_price = [x for x in table.mapping.pairs if x.target != "price"]
    table.mapping = dmc.Mapping(without_price)
    preview.refresh()
    assert preview.value == {"created": 3}


def test_a_preview_that_cannot_be_made_says_why(center: Center, bicycles: Path) -> None:
    """The error stands in the widget; the table is empty."""
    preview = PreviewTable(center, "Bicycle", bicycles, mapping="price=price")

    assert preview.value == {}
    assert "frameNumber" in preview.error
    with pytest.raises(dmc.InvalidPlan):
        _ = preview.frame
