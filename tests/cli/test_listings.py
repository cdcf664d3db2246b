"""The commands that show what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.driver import Driver


def test_a_fresh_workspace_has_the_sample_installations(run: Driver) -> None:
    """Whoever starts has something to move, and a place to move it to."""
    found = run.listing("installations")

    assert [each["name"] for each in found][:2] == ["Sample source", "Sample target"]
    assert {"name", "url"} == set(found[0])


def test_entities_are_listed_by_label(run: Driver) -> None:
    """An entity has at least its name, label and key."""
    found = run.listing("entities", "Sample source")

    repair = next(each for each in found if each["name"] == "C_Repair")
    assert repair["label"] == "Repair (v1.0 - Liferay Object REST)"
    assert repair["key"] == "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Repair"
    assert repair["importStrategies"] == ["INSERT", "UPDATE", "UPSERT"]
    assert repair["updateStrategies"] == ["MERGE", "PARTIAL_UPDATE", "UPDATE"]


@pytest.mark.parametrize("entity", ["Customer", "C_Customer"])
def test_fields_for_an_import_begin_with_the_required_ones(
    run: Driver, entity: str
) -> None:
    """A short name does; what the installation sets itself is not offered."""
    fields = ("fields", "Sample source", entity)
    found = run.listing(*fields, "--for", "import")

    assert [each["name"] for each in found if each["required"]] == ["email", "name"]
    assert [each["required"] for each in found[:3]] == [True, True, False]
    assert not any(each["readOnly"] for each in found)
    assert len(run.listing(*fields)) > len(found)


def test_a_table_shows_the_same_to_people(run: Driver) -> None:
    """Without --json a listing is a table with a heading."""
    result = run("installations")

    assert result.stdout.splitlines()[0].split() == ["Name", "URL"]
    assert "Sample target" in result.stdout


def test_an_empty_listing_says_so(tmp_path: Path) -> None:
    """Nothing is better said than shown."""
    run = Driver(tmp_path / "workspace")

    assert run("templates").stdout == "No items were found.\n"
    assert run.listing("templates") == []
