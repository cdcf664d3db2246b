"""Codes that a file has twice, or that differ in invisible ways."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.center import Center
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.storage import repeated_hashes
from dmc_widgets.tasks.imports import duplicate_codes
from dmc_widgets.tasks.imports import import_task as importing
from dmc_widgets.tasks.imports.duplicate_codes import DuplicateCodes
from tests.tasks.conftest import RunImport
from tests.tasks.imports.test_import_preflight import table

ERC = "externalReferenceCode"
TWICE = (
    "1 external reference code is in more than one record, and later records change "
    "what the first has left: 'T-1' (records 1, 3)."
)
COMPOSED, DECOMPOSED = "T-\u00e9", "T-e\u0301"


def alike(*places: str) -> str:
    return (
        "1 external reference code is written in several ways, which differ only in "
        "case, blanks around them or Unicode form and count as different codes: "
        f"{' and '.join(places)}."
    )


def tickets(codes: Iterable[str]) -> list[dict[str, Any]]:
    return [{ERC: code, "title": "Leak"} for code in codes]


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        pytest.param(["T-1", "T-2", "T-1"], [TWICE], id="twice"),
        pytest.param(
            ["T-1", "t-1"],
            [alike("'T-1' (record 1)", "'t-1' (record 2)")],
            id="case",
        ),
        pytest.param(
            ["T-1", "T-2", " T-1"],
            [alike("'T-1' (record 1)", "' T-1' (record 3)")],
            id="blanks",
        ),
        pytest.param(
            [COMPOSED, DECOMPOSED],
            [alike(f"{COMPOSED!r} (record 1)", f"{DECOMPOSED!r} (record 2)")],
            id="unicode-form",
        ),
        pytest.param(["T-1", "", "T-2", ""], [], id="no-code-is-no-code"),
        pytest.param(["T-1", "T-2"], [], id="all-different"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json", "jsonl"])
def test_duplicate_codes_are_warned_of_before_the_start(
    center: Center, tmp_path: Path, suffix: str, codes: list[str], told: list[str]
) -> None:
    rows = [[code, "Leak"] for code in codes]
    path = table(tmp_path / f"a.{suffix}", [ERC, "title"], *rows)
    plan = ImportPlan(entity_type="Ticket")

    assert list(center.files.check_import("target", plan, path).warnings) == told
    assert center.files.preview("target", plan, path).attrs["warnings"] == told


def test_duplicate_codes_of_a_mapped_column_become_notes(
    center: Center, tmp_path: Path
) -> None:
    rows = [["T-1", "a"], ["T-2", "b"], ["T-1", "c"]]
    path = table(tmp_path / "a.csv", ["code", "title"], *rows)
    mapping = Mapping((FieldMapping("code", ERC), FieldMapping("title", "title")))
    plan = ImportPlan(entity_type="Ticket", mapping=mapping)

    task = center.tasks.start_import("target", plan, path)

    assert task.notes == (TWICE,)
    assert center.tasks.wait(task.id, timeout_s=60).notes == (TWICE,)


@pytest.mark.parametrize("strategy", list(ImportStrategy))
def test_duplicate_codes_of_a_large_file_are_noted_at_the_end(
    run_import: RunImport,
    center: Center,
    monkeypatch: pytest.MonkeyPatch,
    strategy: ImportStrategy,
) -> None:
    """The file is too large to be read twice, so the outcomes are used."""
    monkeypatch.setattr(importing, "is_checked_before_import", lambda *_: False)
    plan = ImportPlan(
        entity_type=center.installations.entity_type("target", "Ticket").key,
        policy=Policy(import_strategy=strategy, error_strategy=ErrorStrategy.CONTINUE),
        name="test",
    )

    task = run_import(tickets(["T-1", "T-2", "T-1"]), plan)

    if strategy is ImportStrategy.UPDATE:
        assert task.counts.failed == 3
    else:
        assert TWICE in task.notes


def test_check_does_not_read_large_files(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicate_codes, "_SMALL_FILE_BYTES", 10)
    path = tmp_path / "a.json"
    path.write_text(json.dumps(tickets(["T-1", "T-2", "T-1"])))

    check = center.files.check_import("target", ImportPlan(entity_type="Ticket"), path)

    assert check.warnings == ()


def test_codes_are_unique_within_a_site() -> None:
    codes = DuplicateCodes()
    codes.add(1, ["T-1", "T-1", "t-1 "], ["a", "b", "a"])

    assert codes.groups() == [[1, 3]]


CODES = st.lists(st.text(alphabet="aAb \u00e9e\u0301", max_size=4), max_size=40)


@given(codes=CODES | CODES.map(sorted), cut=st.integers(0, 40))
def test_groups_equal_those_of_a_dictionary(codes: list[str], cut: int) -> None:
    def fold(code: str) -> str:
        return unicodedata.normalize("NFC", code.strip()).casefold()

    expected: dict[str, list[int]] = {}
    for number, code in enumerate(codes, start=1):
        if code.strip():
            expected.setdefault(fold(code), []).append(number)
    repeated = DuplicateCodes()
    read = [code if code.strip() else "" for code in codes]
    repeated.add(1, read[:cut])
    repeated.add(len(read[:cut]) + 1, read[cut:])

    assert repeated.groups() == sorted(x for x in expected.values() if len(x) > 1)


@pytest.mark.parametrize("codes", [["A", "B"], ["B"], ["", "B"], ["B", "C"]])
def test_codes_that_are_sorted_may_come_again_in_a_later_batch(
    codes: list[str],
) -> None:
    repeated = DuplicateCodes()
    repeated.add(1, ["A", "B"])
    repeated.add(3, codes)

    again = [[1, 3]] if codes[0] == "A" else []
    assert repeated.groups() == [*again, [2, 3 + codes.index("B")]]


def test_partitions_are_sorted_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found does not depend on their size, nor on gaps between batches."""
    monkeypatch.setattr(repeated_hashes, "PART_SIZE", 100)
    monkeypatch.setattr(repeated_hashes, "_RUN_SIZE", 7)
    numbers = list(range(900))
    Random(1).shuffle(numbers)
    codes = [f"C-{number % 890}" for number in numbers]
    repeated = DuplicateCodes()
    repeated.add(1, codes[:300])
    repeated.add(401, codes[300:])

    found = {
        codes[n - 1 if n <= 300 else n - 101] for x in repeated.groups() for n in x
    }

    assert found == {f"C-{number}" for number in range(10)}


def test_many_duplicate_codes_are_counted_and_some_shown(
    center: Center, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(tickets([f"T-{n % 40}" for n in range(80)])))

    (told,) = center.files.check_import(
        "target", ImportPlan(entity_type="Ticket"), path
    ).warnings

    assert told.startswith("40 external reference codes are in more than one record")
    assert told.endswith("'T-4' (records 5, 45); ….")


def test_duplicate_code_makes_one_entry(run_import: RunImport, center: Center) -> None:
    task = run_import(tickets(["T-1", "T-2", "T-1"]))

    kinds = list(center.tasks.outcomes(task.id)["outcome"])
    assert kinds == [OutcomeKind.CREATED, OutcomeKind.CREATED, OutcomeKind.UNCHANGED]
