"""Every command that reads or writes a file takes addresses, or says why not."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import dmc_widgets as dmc
from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.cli import app
from dmc_widgets.errors import FileUnreadable, InvalidPlan
from dmc_widgets.workspace.source_policy import SourcePolicy
from tests.cli.driver import ERC, Driver, customer
from tests.object_store import ObjectStore
from tests.tasks.packages.batch_files import SUFFIX, batch_file

pytestmark = pytest.mark.usefixtures("in_this_process")

LOCAL_OPTIONS = {
    "--workspace",
    "connect --ca-file",
    "installation add --ca-file",
    "sandbox --certfile",
    "sandbox --db",
    "sandbox --keyfile",
    "serve --files",
    "serve --password-file",
    "user add --password-file",
    "user password --password-file",
}
"""What has to be on this machine: keys, databases and folders that are served."""


@pytest.fixture(scope="module")
def run(object_store: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Driver:
    del object_store
    return Driver(tmp_path_factory.mktemp("commands") / "workspace")


@pytest.fixture(scope="module")
def center(run: Driver) -> Iterator[Center]:
    with open_center(run.workspace) as opened:
        yield opened


def package(*numbers: int) -> bytes:
    """Return a zip of a batch file a customer."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in numbers:
            records = [customer(number)]
            archive.writestr(f"{number}{SUFFIX}", batch_file("Customer", records))
    return content.getvalue()


def local_options(command: Any, words: str = "") -> Iterator[str]:
    """Yield what takes a path of this machine, by the command and its name."""
    for parameter in command.params:
        kind = parameter.type.name
        if kind in {"parse_local_path", "parse_local_file", "path", "file"}:
            yield f"{words}{parameter.opts[0]}"
    for name, found in getattr(command, "commands", {}).items():
        yield from local_options(found, f"{words}{name} ")


def test_only_keys_databases_and_folders_have_to_be_on_this_machine() -> None:
    """Whatever else a command reads or writes may be at an address."""
    assert {*local_options(typer.main.get_command(app))} == LOCAL_OPTIONS


@pytest.mark.parametrize(
    "words",
    [
        ("--workspace", "s3://bucket/w", "task", "list"),
        ("installation", "add", "A", "sqlite:///a.db", "--ca-file", "s3://bucket/w"),
        ("sandbox", "--db", "s3://bucket/w"),
        ("sandbox", "--db", "a.db", "--certfile", "s3://bucket/w"),
        ("user", "add", "ada", "--password-file", "s3://bucket/w"),
    ],
    ids=lambda words: words[-2],
)
def test_what_has_to_be_on_this_machine_says_so(
    run: Driver, words: tuple[str, ...]
) -> None:
    done = run(*words)

    text = " ".join(done.output.replace("│", " ").split())
    assert done.exit_code == 2
    assert "s3://bucket/w is an address. Give a path of this machine." in text


def test_python_refuses_an_address_where_a_path_has_to_be(tmp_path: Path) -> None:
    sentence = "s3://bucket/w is an address. Give a path of this machine."
    with pytest.raises(InvalidPlan, match=sentence):
        open_center("s3://bucket/w")
    with pytest.raises(InvalidPlan, match=sentence):
        dmc.connect("https://liferay.example.com", ca_file="s3://bucket/w")
    plan = dmc.ImportPlan(entity_type="Customer")
    with (
        dmc.connect(f"sqlite:///{tmp_path}/a.db") as installation,
        pytest.raises(InvalidPlan, match=sentence),
    ):
        installation.preview_records(plan, "s3://bucket/w")


def test_package_at_an_address_is_imported_file_by_file(
    object_store: ObjectStore, run: Driver, center: Center
) -> None:
    """A zip, or a single file of one; the copy is removed."""
    zipped = object_store.put("incoming/onboarding.zip", package(1, 2))
    single = object_store.put(
        f"incoming/3{SUFFIX}", batch_file("Customer", [customer(3)])
    )

    shown = run("package", "Sample source", zipped, "--dry-run")
    done = run("package", "Sample source", zipped)
    again = run("package", "Sample source", zipped, "--resume")
    alone = center.import_package("Sample source", single)

    assert center.files.describe_package(zipped) == "This is a package of 2 files."
    assert "2 files" in shown.output
    assert f"1{SUFFIX}: C_Customer, Completed, 1 record, 1 created" in done.output
    assert f"2{SUFFIX}: C_Customer, Completed, 1 record, 1 created" in done.output
    assert "This file was imported before" in again.output
    assert [step.file for step in alone.steps] == [f"3{SUFFIX}"]
    assert alone.is_complete
    assert list((run.workspace / "uploads").iterdir()) == []
    assert list(run.workspace.glob("tmp*")) == []


def test_package_in_a_folder_of_a_store_is_refused(
    object_store: ObjectStore, run: Driver
) -> None:
    object_store.put(f"incoming/folder/1{SUFFIX}", b"{}")

    with_slash = run("package", "Sample source", "s3://incoming/folder/")
    without = run("package", "Sample source", "s3://incoming/folder")

    assert with_slash.output == (
        "Error: s3://incoming/folder/: the address does not end with the name of a "
        "file.\n"
    )
    assert without.output == (
        "Error: s3://incoming/folder: this is a folder, not a file. Give the address "
        "of a file.\n"
    )


def test_mapping_goes_to_an_address_and_comes_from_it(
    object_store: ObjectStore, run: Driver, center: Center
) -> None:
    file = object_store.put("incoming/m.jsonl", json.dumps(customer(10)).encode())
    address = "s3://results/mapping.json"

    written = run("mapping", "Sample source", "Customer", file, "-o", address)
    used = run("import", "Sample source", "Customer", file, "--mapping", address)

    assert written.output == f"Wrote {address}.\n"
    assert json.loads(object_store.files.cat(address))["fields"]["name"] == "name"
    assert "1 created, 0 failed." in used.output
    assert len(center.mappings.read(address).pairs) == 3


def test_failed_records_go_to_an_address_and_come_back_mended(
    object_store: ObjectStore, run: Driver, center: Center
) -> None:
    records = [customer(20, email=None), customer(21)]
    lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    file = object_store.put("incoming/broken.jsonl", lines)
    failed = run("import", "Sample source", "Customer", file, "--on-error", "continue")
    assert failed.exit_code == 3, failed.output
    task = center.tasks.list()[-1].id
    address = "s3://results/failed.csv"

    written = run("failures", task, "-o", address)
    assert written.output.splitlines() == [
        f"Wrote {address}: 1 failed record.",
        f"Mend it, then: dmc retry {task} {address}",
    ]
    lines = object_store.files.cat(address).decode("utf-8-sig").splitlines()
    names = lines[0].split(",")
    assert names[:2] == [ERC, "name"]
    assert "errorCode" in names
    object_store.put(
        "results/failed.csv",
        f"{ERC},name,email,errorRecord\nT-20,Ada,ada@x.org,1\n".encode(),
    )
    report = run("task", "report", task, "-o", "s3://results/report.csv")
    mended = run("retry", task, address)

    assert report.output == "Wrote s3://results/report.csv.\n"
    assert object_store.files.cat("results/report.csv").startswith(b"item,itemIndex")
    assert "2 created, 0 failed." in mended.output
    assert center.task(task).report("s3://results/after.csv").startswith("item,")
    assert object_store.files.exists("results/after.csv")


def test_differences_go_to_an_address_and_come_from_it(
    object_store: ObjectStore, run: Driver, center: Center, tmp_path: Path
) -> None:
    definitions = tmp_path / "definitions.json"
    run("export", "Sample source", "ObjectDefinition", "-o", definitions)
    file = object_store.put("incoming/definitions.json", definitions.read_bytes())
    address = "s3://results/differences.yaml"

    compared = run("compare", file, "Sample target", "-o", address)
    applied = run("compare", file, "Sample target", "--apply", "Customer", "--dry-run")

    assert compared.exit_code == 3
    assert compared.output.endswith(f"Wrote {address}.\n")
    assert b"accept: true" in object_store.files.cat(address)
    assert "Customer" in "".join(center.differences.read_choices(address).only)
    assert applied.exit_code == 0, applied.output
    taken = run(
        "preview", "Sample target", "ObjectDefinition", file, "--choices", address
    )
    assert taken.exit_code == 0, taken.output


def test_report_of_a_verification_goes_to_an_address(
    object_store: ObjectStore, run: Driver
) -> None:
    """Whether it can is known before the verification begins."""
    words = ("verify", "Sample source", "Sample target", "Customer")

    done = run(*words, "-o", "s3://results/report.html")
    refused = run(*words, "-o", "s3://nowhere/report.html")
    unnamed = run(*words, "-o", "s3://results/report.pdf")

    assert "Wrote s3://results/report.html." in done.output
    assert object_store.files.cat("results/report.html").startswith(b"<!DOCTYPE html>")
    assert refused.output == (
        "Error: s3://nowhere does not exist. Create it first, or name another one.\n"
    )
    assert "report.pdf is neither .html nor .json" in unnamed.output


def test_templates_go_to_an_address_and_come_from_it(
    object_store: ObjectStore, run: Driver, center: Center
) -> None:
    center.templates.save("Weekly", dmc.ExportPlan(entity_type="C_Customer"))
    address = "s3://results/templates.yaml"

    written = run("template", "export", "Weekly", "-o", address)
    taken = run("template", "import", address, "--replace")

    assert written.output == f"Wrote {address}: 1 templates.\n"
    assert taken.output == "Saved the template Weekly.\n"
    center.templates.write_to(["Weekly"], "s3://results/again.json")
    assert object_store.files.cat("results/again.json").startswith(b"{")


def test_what_cannot_be_written_or_read_at_an_address_says_why(
    object_store: ObjectStore, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = center.mappings.read(
        object_store.put("incoming/ok.yaml", b"fields:\n  name: name\n")
    )
    for target, sentence in [
        ("s3://results/", "s3://results/ is a folder. Name a file in it."),
        ("s3://nowhere/m.yaml", "s3://nowhere does not exist. Create it first"),
        ("https://a.example/m.yaml", "No file can be written to an address of http."),
    ]:
        with pytest.raises(InvalidPlan, match=sentence):
            center.mappings.write(mapping, target)
    large = object_store.put("incoming/large.yaml", b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(FileUnreadable, match="It is larger than 4 MB"):
        center.mappings.read(large)
    with pytest.raises(FileUnreadable, match="the file does not exist"):
        center.templates.read("s3://incoming/missing.yaml")
    policy = SourcePolicy.of([], ["s3://elsewhere"])
    monkeypatch.setattr(center._workspace, "source_policy", policy)
    for act in (
        lambda: center.mappings.write(mapping, "s3://results/m.yaml"),
        lambda: center.mappings.read("s3://incoming/ok.yaml"),
        lambda: center.differences.read_choices("s3://incoming/ok.yaml"),
        lambda: center.import_package("Sample source", "s3://incoming/a.zip"),
    ):
        with pytest.raises(InvalidPlan, match="is not in a store that is allowed"):
            act()
