"""Mapping files on the command line."""

from __future__ import annotations

from pathlib import Path

from tests.cli.driver import ERC, Driver, jsonl

RECORD = {ERC: "M-1", "name": "Mia", "email": "m@x.org", "colour": "red"}


def test_a_suggested_mapping_is_written_and_used(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """What `dmc mapping` writes, `dmc import --mapping` reads."""
    file = jsonl(tmp_path / "one.jsonl", RECORD)
    mapping = tmp_path / "mapping.yaml"

    written = run("mapping", target, "Customer", file, "-o", mapping)
    used = run("import", target, "Customer", file, "--mapping", mapping)

    assert written.stdout == f"Wrote {mapping}.\n"
    assert mapping.read_text().splitlines()[2:] == [
        "same_names: false",
        "fields:",
        "  externalReferenceCode: externalReferenceCode",
        "  name: name",
        "  email: email",
    ]
    assert used.exit_code == 0, used.output
    assert "1 created, 0 failed." in used.stdout


def test_a_mapping_is_suggested_for_a_table_read_as_is_said(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """Commas in every cell look like the delimiter."""
    file = tmp_path / "customers.txt"
    file.write_bytes("name;E-mail, näher\nAda, A.;a@x.org\n".encode("cp1252"))
    mapping = tmp_path / "mapping.yaml"
    options = ("--delimiter", ";", "--encoding", "Windows-1252")

    written = run("mapping", target, "Customer", file, "-o", mapping, *options)

    assert written.stdout.splitlines()[0] == (
        "Read as CSV: Windows-1252, delimiter ';', enclosing character '\"'."
    )
    assert mapping.read_text().splitlines()[3:] == ["fields:", "  name: name"]


def test_a_pair_overrides_the_file(run: Driver, target: str, tmp_path: Path) -> None:
    file = jsonl(tmp_path / "one.jsonl", {**RECORD, ERC: "M-2", "email": "n@x.org"})
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        f"fields:\n  {ERC}: {ERC}\n  email: email\n"
        "  name: {source: name, values: {Ada: Ada}, other_values: refuse}\n"
    )
    arguments = ("import", target, "Customer", file, "--mapping", mapping)

    refused = run(*arguments)
    done = run(*arguments, "--map", "colour=name")

    assert refused.exit_code == 1
    assert "The field 'name' got \"Mia\"; the mapping expects one of 'Ada'." in (
        refused.stderr
    )
    assert done.exit_code == 0, done.output


def test_a_file_that_is_no_mapping_is_wrong_use(
    run: Driver, target: str, tmp_path: Path
) -> None:
    file = jsonl(tmp_path / "one.jsonl", RECORD)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("fields: {name: {sauce: name}}")

    result = run("import", target, "Customer", file, "--mapping", mapping)

    assert result.exit_code == 2
    assert result.stderr.startswith(
        "Error: mapping.yaml: The field 'name' has a key 'sauce', which nothing reads."
    )


def test_entity_type_is_suggested_with_its_reason(
    run: Driver, target: str, tmp_path: Path
) -> None:
    """The exit status says whether a script may rely on it."""
    clear, unclear = tmp_path / "people.csv", tmp_path / "things.csv"
    clear.write_text("name,email,town\nMia,m@x.org,Ulm\n")
    unclear.write_text("grade,taste\n1,sweet\n")

    found = run("suggest", target, clear)
    nothing = run("suggest", target, unclear)

    assert (found.exit_code, found.stdout) == (
        0,
        "Customer: 2 of 3 columns are its fields.\n",
    )
    assert (nothing.exit_code, nothing.stdout) == (
        3,
        f"No column of things.csv is a field of an entity type of {target}.\n",
    )
