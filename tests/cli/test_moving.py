"""Exports, imports and packages on the command line."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.cli import app
from dmc_widgets.formats import FORMATS
from tests.cli.driver import ERC, Driver, customer, jsonl

pytestmark = pytest.mark.usefixtures("in_this_process")


def test_an_export_writes_a_zip_with_one_entry(run: Driver, tmp_path: Path) -> None:
    """The file stands where -o says, the task is in the list."""
    file = tmp_path / "out.zip"
    file.write_text("what was there before")

    result = run(
        *("export", "Sample source", "Customer", "-o", file),
        *("--format", "jsonl", "--fields", f"{ERC},name"),
    )

    assert result.exit_code == 0, result.output
    assert "Completed: 800 records written." in result.stdout
    assert result.stdout.splitlines()[-1] == f"Replaced {file}."
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["export.jsonl"]
        lines = archive.read("export.jsonl").splitlines()
    assert len(lines) == 800
    assert set(orjson.loads(lines[0])) == {ERC, "name"}
    assert [path.name for path in tmp_path.iterdir()] == ["out.zip"]
    listed = run.listing("tasks")[0]
    expected = {
        "action": "Export",
        "entityType": "C_Customer",
        "status": "Completed",
        "successful": 800,
        "failed": 0,
        "total": 800,
    }
    assert {name: listed[name] for name in expected} == expected


def test_an_export_into_a_folder_names_its_file_and_replaces_none(
    run: Driver, tmp_path: Path
) -> None:
    """Twice on one day makes two files."""
    command = ("export", "Sample source", "ObjectFolder", "-o", tmp_path)
    for _ in range(2):
        assert run(*command).exit_code == 0

    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name[:13] for name in names] == ["ObjectFolder-", "ObjectFolder-"]
    assert names[0].endswith(" (2).zip")
    assert names[0].removesuffix(" (2).zip") == names[1].removesuffix(".zip")


def test_an_export_counts_what_matches_and_writes_nothing(run: Driver) -> None:
    """A rehearsal of the filter: two numbers, no task."""
    before = run.listing("tasks")
    result = run(
        *("export", "Sample source", "Customer", "--count"),
        *("--filter", "newsletter eq true"),
    )

    assert result.exit_code == 0, result.output
    assert result.stdout == "331 of 800 records match.\n"
    assert run.listing("tasks") == before


def test_an_export_takes_what_a_filter_finds_in_an_order(
    run: Driver, tmp_path: Path
) -> None:
    """A template would keep all three; a filter that means nothing starts no task."""
    file = tmp_path / "some.zip"
    command = ("export", "Sample source", "Customer", "-o", file, "--format", "JSONL")

    done = run(
        *command,
        *("--filter", "endswith(email,'7@example.com') and newsletter eq true"),
        *("--sort", "name:desc", "--search", "CUSTOMER1"),
    )
    unknown = run(*command, "--filter", "colour eq 'red'")
    unread = run(*command, "--filter", "name eq")

    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(file) as archive:
        items = [orjson.loads(e) for e in archive.read("export.jsonl").splitlines()]
    names = [item["name"] for item in items]
    assert names == sorted(names, key=str.casefold, reverse=True)
    assert names
    assert all(item["email"].startswith("customer1") for item in items)
    assert all(item["email"].endswith("7@example.com") for item in items)
    assert (unknown.exit_code, unread.exit_code) == (2, 2)
    assert "There is no field to filter or sort by named 'colour'." in unknown.stderr
    assert unread.stderr == (
        "Error: The filter cannot be used at character 8: expected a value: 'text', "
        "7, 2.5, true, null or 2024-01-05; found the end.\n"
    )
    assert run.listing("tasks")[0]["total"] == len(items)


def test_an_import_fills_fields_of_the_same_name(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """Without --map nothing has to be said; the second time changes nothing."""
    file = jsonl(tmp_path / "two.jsonl", customer(1), customer(2))

    first = run("import", target, "Customer", file, "--name", "Two customers")
    second = run("import", target, "Customer", file)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "Completed: 2 records, 2 created, 0 failed." in first.stdout
    assert "2 unchanged, 0 failed." in second.stdout
    names = [task["name"] for task in run.listing("tasks")[:2]]
    assert names[1] == "Two customers"
    assert names[0].startswith("Customer Plan Execution ")


def test_a_mapping_renames_and_leaves_the_rest_out(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """With --map a field of the file goes where it is sent, and no other does."""
    record = {"code": "MO-1", "who": "Mona", "mail": "m1@example.com", "phone": "1"}
    file = jsonl(tmp_path / "map.jsonl", record)
    pairs = (f"code={ERC}", "who=name", "mail=email")

    options = [word for pair in pairs for word in ("--map", pair)]
    result = run("import", target, "Customer", file, *options)

    assert result.exit_code == 0, result.output
    output = tmp_path / "after.zip"
    run("export", target, "Customer", "-o", output, "--format", "JSONL")
    with zipfile.ZipFile(output) as archive:
        items = map(orjson.loads, archive.read("export.jsonl").splitlines())
        stored = next(item for item in items if item[ERC] == "MO-1")
    assert (stored["name"], stored["phone"]) == ("Mona", None)


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.csv", b"creator.familyName,"), ("a.jsonl", b"{"), ("a.zip", b"PK")],
)
def test_export_writes_the_format_that_its_file_is_named_for(
    run: Driver, name: str, start: bytes, tmp_path: Path
) -> None:
    """A zip only where the name says so."""
    file = tmp_path / name

    result = run("export", "Sample source", "Customer", "-o", file)

    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(start)


def test_strategies_of_a_batch_file_hold_unless_an_option_overrides(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """The file says INSERT; the second import needs UPSERT from the command line."""
    configuration = {
        "className": "com.liferay.object.rest.dto.v1_0.ObjectEntry",
        "parameters": {"createStrategy": "INSERT", "importStrategy": "ON_ERROR_FAIL"},
        "taskItemDelegateName": "C_Customer",
    }
    file = tmp_path / "ten.batch-engine-data.json"

    def run_import(email: str, *options: str) -> Result:
        items = [customer(10, email=email)]
        data = {"configuration": configuration, "items": items}
        file.write_bytes(orjson.dumps(data))
        return run("import", target, "Customer", file, *options)

    first = run_import("ten@example.com")
    second = run_import("x@example.com")
    third = run_import("x@example.com", "--import-strategy", "UPSERT")

    assert [first.exit_code, second.exit_code, third.exit_code] == [0, 1, 0]
    assert "Duplicate object entry with external reference code T-10" in second.stderr
    assert "1 updated, 0 failed." in third.stdout


def test_failed_records_are_named(run: Driver, target: str, tmp_path: Path) -> None:
    """Continuing ends with 3, the first messages, and the way to all of them."""
    bad = [customer(number, name=None) for number in range(21, 28)]
    file = jsonl(tmp_path / "bad.jsonl", customer(20), *bad)

    result = run("import", target, "Customer", file, "--on-error", "continue")

    assert result.exit_code == 3
    assert "Partially Completed: 8 records, 1 created, 7 failed." in result.stdout
    listed = run.listing("tasks")[0]
    message = 'No value was provided for required object field "name"'
    assert result.stderr.splitlines() == [
        *(f"Record {number}: {message}" for number in range(2, 7)),
        f"7 records failed. Mend them: dmc failures {listed['id']} -o FILE",
    ]
    shown = run.listing("task", listed["id"])
    assert shown["errors"][0] == {
        "itemIndex": 2,
        "code": "required",
        "field": "name",
        "value": None,
        "message": message,
    }
    assert len(shown["errors"]) == 7
    report = tmp_path / "report.csv"
    assert run("report", listed["id"], "-o", report).exit_code == 0
    with report.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["itemIndex"] for line in lines] == ["2", "3", "4", "5", "6", "7", "8"]
    assert lines[0]["message"] == message


def test_stopping_ends_with_1(run: Driver, target: str, tmp_path: Path) -> None:
    """The default: records before the bad one stay, those behind are not tried."""
    records = (customer(30), customer(31, name=None), customer(32))
    file = jsonl(tmp_path / "stop.jsonl", *records)

    result = run("import", target, "Customer", file)

    assert result.exit_code == 1
    assert "Failed: 3 records, 1 created, 1 skipped, 1 failed." in result.stdout
    assert result.stderr.splitlines()[0] == (
        'Error: Record 2: No value was provided for required object field "name". '
        "Record 1 stays imported. 1 record after it was not tried."
    )


def test_a_template_gives_the_plan(
    run: Driver, center: Center, target: str, tmp_path: Path
) -> None:
    """Options on the command line override what the template keeps."""
    policy = dmc.Policy(error_strategy=dmc.ErrorStrategy.CONTINUE)
    mapping = dmc.Mapping(
        tuple(
            dmc.FieldMapping(*pair)
            for pair in (("code", ERC), ("who", "name"), ("mail", "email"))
        )
    )
    plan = dmc.ImportPlan(entity_type="C_Customer", mapping=mapping, policy=policy)
    center.templates.save("Customers of the old shop", plan)
    records = [{"code": f"O-{n}", "who": None, "mail": f"o{n}@x.org"} for n in (1, 2)]
    records.append({"code": "O-3", "who": "Olga", "mail": "o3@x.org"})
    file = jsonl(tmp_path / "old.jsonl", *records)
    template = ("--template", "Customers of the old shop")

    continued = run("import", target, "Customer", file, *template)
    stopped = run("import", target, "Customer", file, *template, "--on-error", "stop")
    wrong = run("export", target, "Customer", "-o", tmp_path / "never.zip", *template)

    assert [continued.exit_code, stopped.exit_code, wrong.exit_code] == [3, 1, 2]
    assert wrong.stderr == (
        "Error: The template 'Customers of the old shop' is for imports. "
        "Use it with dmc import.\n"
    )
    listed = run.listing("templates")
    assert [(each["name"], each["action"]) for each in listed] == [
        ("Customers of the old shop", "Import")
    ]
    center.templates.delete("Customers of the old shop")


def test_a_package_is_imported_file_by_file(run: Driver, tmp_path: Path) -> None:
    """Files come in natural order; a class that does not move is listed at the end."""
    folder = tmp_path / "package"
    folder.mkdir()
    for name, class_name, item in (
        ("10", "headless.admin.user.dto.v1_0.Role", {"name": "x"}),
        ("9", "object.admin.rest.dto.v1_0.ObjectFolder", {"name": "F", ERC: "F"}),
    ):
        data = {
            "configuration": {"className": f"com.liferay.{class_name}"},
            "items": [{**item, "label": {"en_US": "F"}}],
        }
        path = folder / f"{name}.batch-engine-data.json"
        path.write_bytes(orjson.dumps(data))
    run("connect", "Packaged", f"sqlite:///{tmp_path}/packaged.db")

    first = run("package", "Packaged", folder)
    second = run("package", "Packaged", folder, "--json")

    assert first.exit_code == 3, first.output
    assert [line.rstrip() for line in first.stdout.splitlines()] == [
        "9.batch-engine-data.json: ObjectFolder, Completed, "
        "1 record, 1 created, 0 failed.",
        "10.batch-engine-data.json: left out. Items of the class "
        "com.liferay.headless.admin.user.dto.v1_0.Role are not moved. "
        "Object definitions, picklists, their parts, folders and entries are.",
        "Left out:",
        "File                       Class  Items  Why",
        "10.batch-engine-data.json  Role       1  such items do not move",
        "2 files: 1 imported, 1 left out (1 item).",
    ]
    assert second.exit_code == 1  # the file does not say UPSERT, so it only adds
    steps = json.loads(second.stdout)
    assert [step["status"] for step in steps] == ["Failed", "Left Out"]
    assert [step["className"].rpartition(".")[2] for step in steps] == [
        "ObjectFolder",
        "Role",
    ]
    assert (steps[1]["leftOut"], steps[1]["items"]) == (True, 1)


def test_an_empty_package_is_imported(run: Driver, tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    with zipfile.ZipFile(file, "w"):
        pass

    result = run("package", "Sample target", file)

    assert (result.exit_code, result.stdout) == (
        0,
        "The package is empty: there was nothing to import.\n",
    )


def test_a_csv_file_of_another_system_goes_in(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """What was detected is told, and can be put right."""
    file = tmp_path / "kunden.csv"
    file.write_bytes(f"{ERC};name\r\nCSV-1;Müller\r\n".encode("cp1252"))

    found = run("import", target, "Customer", file, "--map", f"{ERC}={ERC}")
    chosen = run("import", target, "Customer", file, "--delimiter", "|")

    assert (
        "Read as CSV: Windows-1252, delimiter ';', enclosing character '\"'."
        in found.stdout
    )
    assert "delimiter '|'" in chosen.stdout


def test_a_doubtful_encoding_is_told_before_the_start(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """It stays as a note of the task; a chosen encoding is not doubted."""
    file = tmp_path / "cities.csv"
    file.write_bytes(f"{ERC},name,email\r\nC-1,Győr,a@example.com\r\n".encode("cp1250"))
    doubt = "it could be Windows-1250"

    preview = run("preview", target, "Customer", file)
    mapped = run("mapping", target, "Customer", file, "-o", tmp_path / "m.yaml")
    doubted = run("import", target, "Customer", file)
    chosen = run("import", target, "Customer", file, "--encoding", "cp1250")
    unknown = run("import", target, "Customer", file, "--encoding", "hex")

    assert doubt in preview.stderr
    assert doubt in mapped.stderr
    assert doubt in doubted.stderr
    assert doubt not in chosen.output
    assert "Read as CSV: Windows-1250," in chosen.stdout
    assert unknown.exit_code == 2
    assert "The encoding 'hex' is not known." in unknown.stderr


def test_which_sheet_of_a_workbook_is_read_is_told(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """The first sheet often holds remarks, and then no record is found."""
    file = tmp_path / "kunden.xlsx"
    with import_module("xlsxwriter").Workbook(file) as book:
        for name, cells in (("Remarks", ["to whom"]), ("Data", [ERC, "name"])):
            book.add_worksheet(name).write_row(0, 0, cells)

    first = run("import", target, "Customer", file, "--map", f"to whom={ERC}")
    chosen = run("import", target, "Customer", file, "--sheet", "Data")

    assert "Read is the sheet 'Remarks'. Others, for --sheet: 'Data'." in first.stdout
    assert "Read is the sheet 'Data'. Others, for --sheet: 'Remarks'." in chosen.stdout


def test_a_formula_without_a_result_does_not_erase_what_is_stored(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """Programs that cannot calculate store formulas without results."""
    file = tmp_path / "kunden.xlsx"
    values = {**customer(1), "phone": "030 1"}
    with import_module("xlsxwriter").Workbook(file) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, list(values))
        sheet.write_row(1, 0, list(values.values()))
    stored = run("import", target, "Customer", file)
    with import_module("xlsxwriter").Workbook(file) as book:
        sheet = book.add_worksheet("Data")
        book.add_worksheet("Old").hide()
        sheet.write_row(0, 0, list(values))
        sheet.write_row(1, 0, list(values.values())[:-1])
        sheet.write_formula(1, len(values) - 1, '="030"&" 1"', None, "")

    ended = run("import", target, "Customer", file)
    preview = run("preview", target, "Customer", file)

    assert (stored.exit_code, ended.exit_code, preview.exit_code) == (0, 1, 3)
    reason = "of the sheet 'Data' holds a formula without a stored result."
    assert reason in " ".join(ended.output.split())
    assert reason in " ".join(preview.output.split())


def test_the_help_of_an_export_names_every_format() -> None:
    """From the registry: a new format needs no second place."""
    told = CliRunner().invoke(app, ["export", "--help"], env={"COLUMNS": "200"})

    assert (
        "--format F CSV, JSON, JSONL, JSONT, PARQUET, XLSX. Without it, the format as"
        in (" ".join(told.stdout.split()))
    )
    assert list(FORMATS) == ["CSV", "JSON", "JSONL", "JSONT", "PARQUET", "XLSX"]


def test_export_help_names_the_format_of_an_installed_plug_in(tmp_path: Path) -> None:
    """A package with an entry point is all that a format needs."""
    (tmp_path / "yaml_plug_in.py").write_text(
        "from dataclasses import replace\n"
        "from dmc_widgets.formats.csv.format import CsvFormat\n"
        "class YamlFormat(CsvFormat):\n"
        "    info = replace(CsvFormat.info, name='YAML')\n"
    )
    metadata = tmp_path / "yaml_plug_in-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: yaml-plug-in\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[dmc_widgets.formats]\nYAML = yaml_plug_in:YamlFormat\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "dmc_widgets", "export", "--help"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
    )

    assert "JSONT, PARQUET, XLSX, YAML" in " ".join(done.stdout.split()), done.stderr


def test_a_table_of_others_is_read_as_the_options_say(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """Titles above it, rows with too few values; a template keeps what was chosen."""
    file = tmp_path / "list.csv"
    file.write_bytes(f"Our list\r\n{ERC},email,name\r\nS-1,s@example.com\r\n".encode())
    skip = ("--skip-lines", 1)

    refused = run("import", target, "Customer", file, *skip)
    preview = run(
        "preview", target, "Customer", file, *skip, "--short-rows", "empty", "--json"
    )
    mapped = run(
        *("mapping", target, "Customer", file, *skip, "--short-rows", "empty"),
        *("-o", tmp_path / "m.json"),
    )

    assert refused.exit_code == 1
    assert "Line 3: 2 values for 3 columns. There is none for 'name'." in refused.output
    (record,) = json.loads(preview.stdout)
    assert record["source"] == {ERC: "S-1", "email": "s@example.com", "name": None}
    assert mapped.exit_code == 0
    assert ERC in (tmp_path / "m.json").read_text()


@pytest.mark.parametrize("guard", ["--formula-guard", "--no-formula-guard"])
def test_formulas_are_guarded_or_not_and_come_back(
    run: Driver, target: str, tmp_path: Path, guard: str
) -> None:
    """The zip says how it was written; an unpacked file is told, and can be undone."""
    record = customer(1, name="=1+1", email="+49 30 1234")
    file = jsonl(tmp_path / "a.jsonl", record)
    run("import", target, "Customer", file, "--on-error", "continue")
    out = tmp_path / "export.zip"
    found = f"{ERC} eq 'T-1'"

    exported = run(
        *("export", target, "Customer", "-o", out, "--format", "csv"),
        *("--fields", f"{ERC},name,email", "--filter", found, guard),
    )
    again = run("import", target, "Customer", out)

    assert exported.exit_code == 0, exported.output
    with zipfile.ZipFile(out) as archive:
        text = archive.read("export.csv").decode()
        archive.extract("export.csv", tmp_path)
    assert ("'=1+1" in text) is (guard == "--formula-guard")
    assert "1 unchanged" in again.stdout

    plain = tmp_path / "export.csv"
    looked = run("preview", target, "Customer", plain, "--json")
    undone = run("preview", target, "Customer", plain, "--json", "--escapes", "undo")
    assert json.loads(undone.stdout)[0]["source"]["name"] == "=1+1"
    assert ("undo its escapes" in looked.stderr) is (guard == "--formula-guard")


def test_an_import_may_name_what_comes_later(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """What is still missing at the end is named."""
    bicycle = {
        ERC: "L-B",
        "model": "Lazy",
        "frameNumber": "L-9101",
        "kind": "city",
        "r_bicycles_c_customerERC": "T-9101",
    }
    child = jsonl(tmp_path / "bicycles.jsonl", bicycle)
    parent = jsonl(tmp_path / "customers.jsonl", customer(9101))

    refused = run("import", target, "Bicycle", child)
    shown = run("preview", target, "Bicycle", child, "--lazy-references")
    taken = run("import", target, "Bicycle", child, "--lazy-references")
    filled = run("import", target, "Customer", parent)

    codes = (refused.exit_code, shown.exit_code, taken.exit_code, filled.exit_code)
    assert codes == (1, 0, 0, 0), refused.output + taken.output
    assert (
        "Note: 1 entry that others name has not come yet: C_Customer T-9101. An empty "
        "one stands in its place, and is filled when its record comes."
    ) in taken.stdout
    assert "1 created" in filled.stdout
