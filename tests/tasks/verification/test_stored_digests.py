"""The digest of what an installation holds, of the values that were sent alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.installations import connect
from dmc_widgets.objects.entries.canonical_values import CanonicalEntries, digest_values
from dmc_widgets.tasks.checkers.compiled_rules import compile_rules
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.tasks.gallery import ERC, FULL, PICKLIST, PICTURE, ROOM, write

SENT = {name: value for name, value in FULL.items() if name != "secret"}
"""Encrypted values are not compared."""


@pytest.fixture(scope="module")
def stored(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[CanonicalEntries, dict[str, Any]]]:
    """An entry with a value of every type, and what compares it."""
    path: Path = tmp_path_factory.mktemp("stored")
    installation = connect(f"sqlite:///{path}/gallery.db")
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", ROOM, PICTURE)
    write(installation, "Room", {ERC: "R-1", "name": "One"}, {ERC: "R-2"})
    write(installation, "Picture", SENT)
    types = installation.entity_types()
    entity_type = find_entity_type(types, "Picture")
    rules = compile_rules(installation, types, entity_type).rules
    item = installation.fetch(entity_type, ["P-1"])["P-1"]
    yield CanonicalEntries(rules), item
    installation.close()


NESTED = {"pictures": {ERC: "R-1"}}
"""How a server may state a parent in place of its properties of their own."""


@given(
    names=st.sets(st.sampled_from(sorted(SENT))),
    replaces=st.booleans(),
    nested=st.booleans(),
)
def test_it_is_that_of_the_same_values_of_the_whole_entry(
    stored: tuple[CanonicalEntries, dict[str, Any]],
    names: set[str],
    replaces: bool,
    nested: bool,
) -> None:
    entries, item = stored
    if nested:
        item = {x: y for x, y in item.items() if not x.startswith("r_")} | NESTED
    expected = entries.expected({x: SENT[x] for x in names}, replaces=replaces)
    sent = tuple(expected)

    digest = entries.digest_actual(item, sent)

    assert digest == digest_values(sent, entries.actual(item))
