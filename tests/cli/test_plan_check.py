"""What `dmc import` and `dmc preview` refuse before anything is written."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ImportPlan
from tests.cli.driver import ERC, Driver, customer, jsonl

pytestmark = pytest.mark.usefixtures("in_this_process")

MUST_MAP = "You must map at least one field and all required fields before continuing."
COLUMNS = (ERC, "name", "email", "phone")
SLIP = (
    "customers.csv has no column 'Phone', from which the mapping fills 'phone'. Its "
    "columns: 'phone', 'externalReferenceCode', 'name', 'email'. Correct the name; "
    "where the field may be missing, give it if_missing."
)
NUMBERS = range(7_300, 7_308)
PAIRS = tuple(FieldMapping(name, name) for name in COLUMNS[:3])


@pytest.fixture
def customers(run: Driver, target: str, tmp_path: Path) -> Path:
    """A file of eight customers that are stored with their phone numbers."""
    items = [customer(n, phone=f"+49 30 {n}") for n in NUMBERS]
    stored = jsonl(tmp_path / "stored.jsonl", *items)
    assert run("import", target, "Customer", stored).exit_code == 0
    lines = [",".join(COLUMNS), *(",".join(item[c] for c in COLUMNS) for item in items)]
    file = tmp_path / "customers.csv"
    file.write_text("\n".join(lines))
    return file


def phones(run: Driver, target: str, folder: Path) -> list[Any]:
    """Return the phone numbers of the customers that the fixture stored."""
    path = folder / "out.zip"
    words = ("-o", path, "--format", "JSON")
    assert run("export", target, "Customer", *words).exit_code == 0
    with zipfile.ZipFile(path) as archive:
        items = json.loads(archive.read(archive.namelist()[0]))
    codes = {f"T-{number}" for number in NUMBERS}
    return sorted(str(item.get("phone")) for item in items if item[ERC] in codes)


STORED = sorted(f"+49 30 {number}" for number in NUMBERS)


@pytest.mark.parametrize("command", ["import", "preview"])
@pytest.mark.parametrize("way", ["--map", "--mapping", "--template"])
def test_a_column_that_is_not_there_is_refused(  # noqa: PLR0917
    run: Driver, target: str, customers: Path, center: Center, command: str, way: str
) -> None:
    """Eight stored phone numbers, which it would have emptied, stay."""
    mapping = Mapping((*PAIRS, FieldMapping("Phone", "phone")))
    options: dict[str, list[object]] = {
        "--map": [
            word
            for pair in mapping.pairs
            for word in ("--map", f"{pair.source}={pair.target}")
        ],
        "--mapping": ["--mapping", customers.with_name("mapping.yaml")],
        "--template": ["--template", f"slip of {command}"],
    }
    center.mappings.write(mapping, customers.with_name("mapping.yaml"))
    key = center.installations.entity_type(target, "Customer").key
    if way == "--template":
        plan = ImportPlan(entity_type=key, mapping=mapping)
        center.templates.save(f"slip of {command}", plan)

    result = run(command, target, "Customer", customers, *options[way])
    for template in center.templates.list():
        if template.name.startswith("slip of"):
            center.templates.delete(template.name)

    assert result.exit_code == 2
    assert result.stderr == f"Error: {SLIP}\n"
    assert phones(run, target, customers.parent) == STORED


@pytest.mark.parametrize("command", ["import", "preview"])
def test_a_table_without_headers_is_refused_without_a_mapping(
    run: Driver, target: str, customers: Path, command: str
) -> None:
    result = run(command, target, "Customer", customers, "--no-headers")

    assert result.exit_code == 2
    assert result.stderr == (
        f"Error: {MUST_MAP} Nothing fills: 'email', 'name'. The columns of "
        "customers.csv: '0', '1', '2', '3'. None of them has the name of a field of "
        "C_Customer.\n"
    )


@pytest.mark.parametrize("command", ["import", "preview"])
def test_a_line_that_was_taken_for_the_header_is_no_completed_import(
    run: Driver, target: str, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "one.csv"
    file.write_text("T-1,Ann,ann@example.com\n")

    result = run(command, target, "Customer", file)

    assert result.exit_code == 2
    assert result.stderr == (
        "Error: one.csv holds no record: its only line with a value was taken for the "
        "names of the columns, 'T-1', 'Ann', 'ann@example.com'. If that is a record, "
        "say that the file has no headers.\n"
    )


@pytest.mark.parametrize("command", ["import", "preview"])
def test_what_is_left_out_is_said_before_the_start(
    run: Driver, target: str, customers: Path, command: str
) -> None:
    text = customers.read_text().replace("phone", "telephone", 1)
    customers.write_text(text)

    result = run(
        command, target, "Customer", customers, "--update-strategy", "PARTIAL_UPDATE"
    )

    assert result.exit_code == 0, result.output
    warning = (
        "C_Customer has no fields of these names, so they are left out: telephone."
    )
    assert result.stderr.splitlines()[-1] == f"Warning: {warning}"
    assert f"Note: {warning}" not in result.stdout
    assert phones(run, target, customers.parent) == STORED


def test_a_slip_in_the_code_doubles_nothing(
    run: Driver, target: str, customers: Path
) -> None:
    text = customers.read_text().replace(ERC, "external_reference_code", 1)
    customers.write_text(text)

    result = run("import", target, "Customer", customers)

    assert result.exit_code == 2
    assert "has a field 'externalReferenceCode', which nothing fills" in result.stderr
    assert phones(run, target, customers.parent) == STORED


def test_stored_values_that_the_file_would_empty_are_said(
    run: Driver, target: str, tmp_path: Path
) -> None:
    stored = jsonl(tmp_path / "stored.jsonl", customer(7_390, phone="+49 30 1"))
    assert run("import", target, "Customer", stored).exit_code == 0
    record = customer(7_390)
    file = tmp_path / "customers.csv"
    file.write_text(f"{','.join(record)}\n{','.join(record.values())}\n")
    told = (
        "Overwrite Records empties what the file leaves out: its only record would "
        "lose a stored value of 'phone'. Choose Update Changed Record Fields to keep "
        "them."
    )

    partial = run(
        "import", target, "Customer", file, "--update-strategy", "PARTIAL_UPDATE"
    )
    result = run("import", target, "Customer", file)

    assert (partial.exit_code, result.exit_code) == (0, 0)
    assert "Overwrite Records" not in partial.output
    assert told in result.stderr.replace("\n", " ")
    assert told in run.listing("tasks")[0]["notes"]
