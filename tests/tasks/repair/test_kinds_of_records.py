"""Records with attachments, documents, their parts, and new codes are mended alike."""

from __future__ import annotations

import csv
from base64 import b64encode
from pathlib import Path
from typing import Any

from dmc_widgets.center import Center
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.model.task import Counts
from tests.factories import write_json
from tests.tasks.gallery import ERC

CONTENT = b64encode(bytes(range(256)) * 40).decode()


def import_items(
    center: Center, folder: Path, entity: str, *items: dict[str, Any], **options: Any
) -> TaskHandle:
    path = write_json(folder / "items.json", [*items])
    return center.import_file("gallery", entity, path, on_error="continue", **options)


def read(center: Center, entity: str) -> dict[str, dict[str, Any]]:
    with center.installations.connect("gallery") as opened:
        return {item[ERC]: item for item in opened.read(entity)}


def test_an_attachment_is_referred_to_and_sent_whole(
    gallery: Center, tmp_path: Path
) -> None:
    scan = {"name": "a.png", "fileBase64": CONTENT}
    task = import_items(
        gallery, tmp_path, "Picture", {ERC: "P-1", "title": "", "scan": scan}
    )
    path = tmp_path / "failed.csv"
    gallery.repair.save_failures(task.id, path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["scan.fileBase64"] == f"(unchanged: {len(CONTENT):,} characters)"
    row |= {"title": "Sea", "scan.name": "sea.png"}
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, row)
        writer.writeheader()
        writer.writerow(row)
    assert task.retry(path, dry_run=True).problems == ()

    task.retry(path)

    assert task.counts == Counts(created=1)
    stored = read(gallery, "Picture")["P-1"]["scan"]
    assert (stored["name"], stored["fileBase64"]) == ("sea.png", CONTENT)


def test_another_attachment_takes_the_place_of_a_refused_one(
    gallery: Center, tmp_path: Path
) -> None:
    scan = {"name": "a.exe", "fileBase64": CONTENT}
    task = import_items(
        gallery, tmp_path, "Picture", {ERC: "P-1", "title": "Sea", "scan": scan}
    )
    frame = task.failures()
    assert frame["errorField"][0] == "scan"
    frame.loc[0, "scan.name"] = "a.png"
    frame.loc[0, "scan.fileBase64"] = "aGVsbG8="

    task.retry(frame)

    stored = read(gallery, "Picture")["P-1"]["scan"]
    assert (stored["name"], stored["fileBase64"]) == ("a.png", "aGVsbG8=")


def definition(name: str, business_type: str) -> dict[str, Any]:
    label = {"en_US": name}
    field = {"name": "width", "businessType": business_type, "label": label}
    return {
        ERC: name.upper(),
        "name": name,
        "label": label,
        "pluralLabel": label,
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [field],
    }


def test_documents_are_mended_in_their_nested_values(
    gallery: Center, tmp_path: Path
) -> None:
    """A definition, of which only the type of a field is wrong, and a picklist."""
    task = import_items(
        gallery,
        tmp_path,
        "ObjectDefinition",
        definition("Frame", "Text"),
        definition("Easel", "Wood"),
    )
    assert task.counts == Counts(created=1, failed=1)
    path = tmp_path / "failed.json"
    gallery.repair.save_failures(task.id, path)
    path.write_text(path.read_text().replace('"Wood"', '"Text"'))

    task.retry(path)

    assert task.counts == Counts(created=2)
    (field,) = [
        x
        for x in read(gallery, "ObjectDefinition")["EASEL"]["objectFields"]
        if x["name"] == "width"
    ]
    assert field["businessType"] == "Text"


def test_parts_of_documents_are_mended(gallery: Center, tmp_path: Path) -> None:
    """A key of a picklist, which the picklist does not take as it is."""
    task = import_items(
        gallery,
        tmp_path,
        "ListTypeEntry",
        {ERC: "K-1", "key": "green", "name_i18n": {"en-US": "Green"}},
        {ERC: "K-2", "key": "dark blue!", "name_i18n": {"en-US": "Dark"}},
        parent="COLOURS",
    )
    assert task.counts == Counts(created=1, failed=1)
    frame = task.failures()
    frame.loc[0, "key"] = "darkBlue"

    task.retry(frame)

    assert task.counts == Counts(created=2)
    keys = {
        x["key"]
        for x in read(gallery, "ListTypeDefinition")["COLOURS"]["listTypeEntries"]
    }
    assert keys == {"red", "blue", "green", "darkBlue"}


def test_a_record_is_given_another_code(gallery: Center, tmp_path: Path) -> None:
    """It is stored, verified and taken back under its new one."""
    import_items(gallery, tmp_path, "Picture", {ERC: "P-1", "title": "Sea"})
    task = import_items(
        gallery,
        tmp_path,
        "Picture",
        {ERC: "P-1", "title": "Lake"},
        {ERC: "P-2", "title": "Hill"},
        import_strategy="INSERT",
    )
    assert task.counts == Counts(created=1, failed=1)
    frame = task.failures()
    assert frame["errorField"][0] == ERC
    frame.loc[0, ERC] = "P-3"

    task.retry(frame)

    assert task.counts == Counts(created=2)
    titles = {code: x["title"] for code, x in read(gallery, "Picture").items()}
    assert titles == {"P-1": "Sea", "P-2": "Hill", "P-3": "Lake"}
    assert [x.erc for x in task.outcomes()] == ["P-3", "P-2"]
    report = task.verify().verification()
    assert report is not None
    assert report.is_equal
    task.undo()
    assert [*read(gallery, "Picture")] == ["P-1"]
