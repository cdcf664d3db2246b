"""A short run of the mutations, always the same; `python -m tests.fuzz` is the long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fuzz.cases import Cases
from tests.fuzz.samples import samples

COUNT = 1200


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    made = Cases.in_folder(tmp_path_factory.mktemp("fuzz"), seed="short")
    yield made
    made.close()


@pytest.mark.parametrize("part", range(10))
def test_a_damaged_file_ends_in_records_bad_records_or_one_error(
    cases: Cases, part: int
) -> None:
    """A case raises if it ends otherwise; both good and bad endings must occur."""
    endings = [cases.run(number) for number in range(part, COUNT, 10)]

    assert sum(ending.records - ending.bad for ending in endings) > 0
    assert sum(ending.bad for ending in endings) > 0
    assert any(ending.error for ending in endings)


def test_every_way_to_pack_every_format_is_damaged() -> None:
    names = {sample.name for sample in samples()}

    assert {
        f"{name}{packed}"
        for name in (
            "compact.json",
            "lines.jsonl",
            "tickets.batch-engine-data.json",
            "comma.csv",
            "ours.xlsx",
        )
        for packed in ("", ".zip", ".gz")
    } <= names


def test_a_case_is_the_same_whenever_it_is_made(cases: Cases) -> None:
    assert cases.damaged(7) == cases.damaged(7)
    assert len({cases.damaged(number).data for number in range(0, 5100, 51)}) == 100
