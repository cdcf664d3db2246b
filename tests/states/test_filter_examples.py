"""The examples of the export form can be used as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.ports import Installation, Query
from dmc_widgets.states.filter_examples import build_filter_examples, build_sort_example


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    folder: Path = tmp_path_factory.mktemp("examples")
    with open_center(folder / "workspace") as opened:
        yield opened


@pytest.fixture
def source(center: Center) -> Iterator[Installation]:
    (url,) = (x.url for x in center.installations.list() if x.name == "Sample source")
    installation = connect(url)
    yield installation
    installation.close()


def test_no_examples_without_an_entity_type() -> None:
    assert (build_filter_examples(None), build_sort_example(None)) == ((), "")


def test_examples_use_the_fields_of_the_entity_type(source: Installation) -> None:
    types = {entity_type.name: entity_type for entity_type in source.entity_types()}

    assert build_filter_examples(types["C_Bicycle"]) == (
        "distance gt 500 and kind eq 'city'",
        "contains(frameNumber,'7')",
        "bought ne null",
    )
    assert build_sort_example(types["C_Bicycle"]) == "frameNumber:asc,bought:desc"
    assert build_filter_examples(types["ObjectFolder"]) == ("contains(name,'7')",)


def test_every_example_can_be_parsed(source: Installation) -> None:
    parsed = 0
    for entity_type in source.entity_types():
        order = build_sort_example(entity_type)
        for example in build_filter_examples(entity_type):
            query = Query(fields=("externalReferenceCode",), filter=example, sort=order)
            list(source.read(entity_type, query))
            parsed += 1

    assert parsed > 0
