"""`dmc preview`: what an import would do, in a table for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.driver import ERC, Driver, customer, jsonl


def test_a_preview_is_a_table_and_writes_nothing(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """Twice the same: the first one has left nothing behind."""
    file = jsonl(tmp_path / "a.jsonl", customer(9701), customer(9702, email=None))

    for _ in range(2):
        result = run("preview", target, "Customer", file)

        assert result.exit_code == 3, result.output
        lines = result.stdout.splitlines()
        assert lines[0] == "Shown are all 2 records of a.jsonl."
        assert lines[1].split() == [
            "Record",
            "Expected",
            "email",
            ERC,
            "name",
            "Problems",
        ]
        assert lines[2].split()[:3] == ["1", "created", "t9701@example.com"]
        assert lines[3].endswith(
            'email: No value was provided for required object field "email"'
        )
        assert lines[4] == "Expected: 1 created, 1 failed."


def test_json_is_exact(run: Driver, target: str, tmp_path: Path) -> None:
    """Every digit that was read, the problems as in reports, and nothing beside."""
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"externalReferenceCode":"T-9","name":12345678901234567890123.5,"e":"x"}\n'
        '{"name":"\\u202e","e":"y"}\n'
    )

    result = run(
        "preview",
        target,
        "Customer",
        file,
        "--map",
        "e=email",
        "--map",
        "name=name",
        "--json",
    )

    assert result.exit_code == 0, result.output
    first, second = json.loads(result.stdout, parse_float=str)
    assert first == {
        "record": 1,
        "expected": "created",
        "source": {ERC: "T-9", "name": "12345678901234567890123.5", "e": "x"},
        "target": {"name": "12345678901234567890123.5", "email": "x"},
        "problems": [],
    }
    assert second["target"] == {"name": "\u202e", "email": "y"}


def test_strategies_and_the_file_s_ways_count(
    run: Driver, target: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("externalReferenceCode|name|email\nT-X|Ann|ann@example.com\n")

    result = run(
        "preview",
        target,
        "Customer",
        file,
        "--import-strategy",
        "UPDATE",
        "--delimiter",
        "|",
        "--json",
    )

    assert result.exit_code == 3, result.output
    (record,) = json.loads(result.stdout)
    assert [problem["code"] for problem in record["problems"]] == [
        "no-such-object-entry"
    ]


@pytest.fixture
def previewed(run: Driver, target: str, tmp_path: Path) -> Callable[..., list[Any]]:
    """Return a function from a file's bytes to its records as `dmc` reads them."""

    def preview(data: bytes, code: str, *options: str) -> list[Any]:
        file = tmp_path / "a.csv"
        file.write_bytes(data)
        mapped = ("--map", f"{code}={ERC}", "--update-strategy", "PARTIAL_UPDATE")
        found = run("preview", target, "Customer", file, *mapped, *options, "--json")
        return [load["source"] for load in json.loads(found.stdout or "[]")]

    return preview


@pytest.mark.parametrize(
    ("data", "told", "record"),
    [
        pytest.param(
            "код;имя\nБР-1;Журавль\n".encode("utf-16-le"),
            ("--encoding", "UTF-16"),
            {"код": "БР-1", "имя": "Журавль"},
            id="utf-16-without-a-mark-or-a-latin-letter",
        ),
        pytest.param(
            b"code;name, given\nT-1;Lee, Ann\nT-2;Ray, Bob\n",
            ("--delimiter", ";"),
            {"code": "T-1", "name, given": "Lee, Ann"},
            id="commas-in-every-line",
        ),
    ],
)
def test_a_wrong_guess_is_put_right(
    previewed: Callable[..., list[Any]],
    data: bytes,
    told: tuple[str, str],
    record: dict[str, str],
) -> None:
    """Whatever was detected, the option decides how the file is read."""
    code = next(iter(record))
    assert record not in previewed(data, code)
    assert previewed(data, code, *told)[0] == record


def test_a_sample_names_the_byte_of_each_record(
    run: Driver, target: str, tmp_path: Path
) -> None:
    file = jsonl(tmp_path / "a.jsonl", *(customer(n) for n in range(20_000)))

    result = run("preview", target, "Customer", file, "--sample", "--rows", 3, "--json")

    data = file.read_bytes()
    found = json.loads(result.stdout)
    assert len(found) == 3
    for each in found:
        assert data[each["byte"] - 1 :].startswith(b'{"externalReferenceCode"')
        assert each["source"][ERC].encode() in data[each["byte"] :][:60]


def test_too_many_rows_are_wrong_use(run: Driver, target: str, tmp_path: Path) -> None:
    file = jsonl(tmp_path / "a.jsonl", customer(1))

    result = run("preview", target, "Customer", file, "--rows", 10**6)

    assert result.exit_code == 2
    assert (
        result.stderr == "Error: A preview shows 1 to 10,000 records, not 1,000,000.\n"
    )


def test_skipped_lines_are_counted(run: Driver, target: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(f"{ERC},name,email\nSKIP-1,a,skip-1@example.com\n,,\n".encode())

    result = run("preview", target, "Customer", file)

    assert "1 line without any value was skipped." in result.stdout.splitlines()
    assert "Expected: 1 created." in result.stdout
