"""The table of versions says what the classes of the builds say."""

from __future__ import annotations

import json

import pytest

from tests.java import programs, version_table


@pytest.mark.parametrize("version", ["7.4.3.9", "7.4.13.u77", "7.4.3.112"])
def test_the_table_of_a_version_is_what_its_classes_know(version: str) -> None:
    table = json.loads(version_table.TABLE.read_text(encoding="utf-8"))
    position = list(table["versions"]).index(version)
    try:
        known = version_table.ask_build(version, "object-admin")
    except programs.JavaUnavailable as missing:
        pytest.skip(str(missing))

    from_table = {
        name: {
            property_name: (type_, access[position])
            for property_name, facts in properties.items()
            for type_, access in facts["types"].items()
            if access[position] != "-"
        }
        for name, properties in table["apis"]["object-admin"].items()
    }
    assert {name: found for name, found in from_table.items() if found} == {
        name: {
            property_name: (facts["type"], "r" if facts.get("readOnly") else "w")
            for property_name, facts in properties.items()
        }
        for name, properties in known.items()
    }
