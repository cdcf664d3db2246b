"""Attachments in a SQL database: a table of files, and their contents beside it."""

from __future__ import annotations

import errno
import os
import stat
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from dmc_widgets.errors import Refused
from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.installations.sql.database.content_store import ContentStore
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.record import LargeText
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.fields.attachment import FileContent
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    FAILED,
    INSERT,
    PARTIAL,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    failure_of,
    field,
    kinds,
    read,
    type_named,
    write,
)
from tests.installations.databases import NewPlace, Place, file_of, open_at

pytestmark = pytest.mark.each_database

XXX = "cd2eb0837c9b4c962c22d2ff8b5441b7b45805887f051d39bf133b583baf6860"


def letter(erc: str = "LETTER", scope: str = "company") -> Item:
    """Make a definition whose entries have a scan, PDF of 1 MB at most."""
    settings = {
        "acceptedFileExtensions": "pdf",
        "fileSource": "userComputer",
        "maximumFileSize": 1,
    }
    name = erc.title()
    return {
        "externalReferenceCode": erc,
        "name": name,
        "label": {"en_US": name},
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": scope,
        "status": {"code": 0},
        "objectFields": [
            field("scan", "Attachment", settings=settings),
            field("page", "Integer"),
        ],
    }


def pdf(content: str = "xxx", name: str = "a.pdf", **others: Any) -> Item:
    data = b64encode(content.encode()).decode()
    return {"fileBase64": data, "name": name, **others}


def entry(erc: str, scan: object, **others: Any) -> Item:
    return {"externalReferenceCode": erc, "scan": scan, **others}


@pytest.fixture
def folder(place: Place) -> Path:
    """The folder beside the database; only a file has one."""
    path = file_of(place)
    return path.with_name(f"{path.name}.files")


@pytest.fixture
def desk(place: Place) -> Iterator[SqlInstallation]:
    installation = open_at(place, "letters")
    assert kinds(write(installation, "ObjectDefinition", letter())) == [CREATED]
    yield installation
    installation.close()


def scans(desk: SqlInstallation) -> list[Any]:
    return [entry["scan"] for entry in read(desk, "C_Letter", "scan")]


def contents(folder: Path) -> list[str]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return sorted(str(file.relative_to(folder)) for file in files)


def test_a_file_comes_back_with_all_that_is_known_of_it(
    desk: SqlInstallation,
) -> None:
    """In the form of Liferay, with its content, so that it can go elsewhere."""
    brought = pdf(name="a b.pdf", externalReferenceCode="F", id=900)

    assert kinds(write(desk, "C_Letter", entry("L", brought))) == [CREATED]
    assert scans(desk) == [
        {
            "id": 1,
            "name": "a b.pdf",
            "externalReferenceCode": "F",
            "extension": "pdf",
            "mimeType": "application/pdf",
            "size": 3,
            "link": {"href": "/documents/1/a%20b.pdf", "label": "a b.pdf"},
            "fileBase64": "eHh4",
        }
    ]


def test_a_bad_file_fails_alone(desk: SqlInstallation) -> None:
    """Every other one is stored; a report shows no content."""
    outcomes = write(
        desk,
        "C_Letter",
        entry("L-1", pdf()),
        entry("L-2", "garbage"),
        entry("L-3", pdf(name="a.exe")),
        entry("L-4", {"fileBase64": "eHg", "name": "a.pdf"}),
        entry("L-5", pdf("y" * 1024 * 1024 + "y")),
        entry("L-6", pdf("z")),
    )

    assert kinds(outcomes) == [CREATED, FAILED, FAILED, FAILED, FAILED, CREATED]
    assert [failure_of(outcome)[0] for outcome in outcomes[1:5]] == [
        "invalid-value",
        "invalid-file-extension",
        "invalid-file",
        "exceeds-max-file-size",
    ]
    assert outcomes[3].problem is not None
    assert outcomes[3].problem.value == '{"name": "a.pdf"}'


@pytest.mark.own_file
def test_content_lies_beside_the_database_for_its_owner_only(
    desk: SqlInstallation, folder: Path
) -> None:
    """Named by its digest: a stranger's file name is no path. Equal ones are one."""
    assert not folder.exists()

    write(
        desk,
        "C_Letter",
        entry("L-1", pdf(name="../../evil.pdf")),
        entry("L-2", pdf(name="/etc/evil.pdf")),
    )

    assert contents(folder) == [f"cd/{XXX}"]
    path = folder / "cd" / XXX
    assert path.read_bytes() == b"xxx"
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (folder, path.parent, path)]
    assert modes == [0o700, 0o700, 0o600]
    assert [scan["name"] for scan in scans(desk)] == [
        "../../evil.pdf",
        "/etc/evil.pdf",
    ]


def test_an_export_imported_again_is_unchanged(desk: SqlInstallation) -> None:
    """Also where the file came without a code, and got one."""
    write(
        desk,
        "C_Letter",
        entry("L-1", pdf()),
        entry("L-2", pdf(externalReferenceCode="F")),
        entry("L-3", None),
    )
    exported = read(desk, "C_Letter")

    assert kinds(write(desk, "C_Letter", *exported)) == [UNCHANGED] * 3
    assert kinds(write(desk, "C_Letter", entry("L-1", pdf()))) == [UNCHANGED]


def test_files_travel_by_code_and_not_by_id(
    desk: SqlInstallation, new_place: NewPlace
) -> None:
    """An id of elsewhere that happens to exist here means nothing."""
    write(desk, "C_Letter", entry("L-1", pdf("one")), entry("L-2", pdf("two")))
    exported = read(desk, "C_Letter")
    other = open_at(new_place(), "other")
    write(other, "ObjectDefinition", letter())
    write(other, "C_Letter", entry("OLD", pdf("old", externalReferenceCode="OLD")))

    outcomes = write(other, "C_Letter", *exported)

    assert kinds(outcomes) == [CREATED, CREATED]
    assert [scan["id"] for scan in scans(desk)] == [1, 2]
    assert [scan["id"] for scan in scans(other)] == [1, 2, 3]
    assert [scan["fileBase64"] for scan in scans(other)] == ["b2xk", "b25l", "dHdv"]
    assert kinds(write(other, "C_Letter", *exported)) == [UNCHANGED, UNCHANGED]
    other.close()


def test_other_content_under_a_code_replaces_it_wherever_it_shows(
    desk: SqlInstallation,
) -> None:
    """A file is one thing, however many entries name it."""
    named = {"externalReferenceCode": "F"}
    write(desk, "C_Letter", entry("L-1", pdf(**named)), entry("L-2", named))

    outcomes = write(desk, "C_Letter", entry("L-1", pdf("yyy", "b.pdf", **named)))

    assert kinds(outcomes) == [UPDATED]
    assert [(scan["id"], scan["name"]) for scan in scans(desk)] == [
        (1, "b.pdf"),
        (1, "b.pdf"),
    ]
    assert [scan["fileBase64"] for scan in scans(desk)] == ["eXl5", "eXl5"]


def test_a_refused_entry_changes_no_file(desk: SqlInstallation) -> None:
    """Its file is judged with it, and stays with it."""
    named = {"externalReferenceCode": "F"}
    write(desk, "C_Letter", entry("L-1", pdf(**named)))
    bad = entry("L-2", pdf("yyy", **named), page="many")

    refused = write(desk, "C_Letter", bad)
    there = write(desk, "C_Letter", entry("L-1", pdf("yyy", **named)), policy=INSERT)

    assert kinds([*refused, *there]) == [FAILED, FAILED]
    assert [scan["fileBase64"] for scan in scans(desk)] == ["eHh4"]


@pytest.mark.parametrize(
    ("scan", "message"),
    [
        (
            {"externalReferenceCode": "F", "id": 1},
            "No file exists with the external reference code F for object field "
            '"scan". Include its content as fileBase64',
        ),
        (
            {"id": 7},
            'No file exists with the id 7 for object field "scan". Include its content '
            "as fileBase64",
        ),
        (
            7,
            'No file exists with the id 7 for object field "scan". Include its content '
            "as fileBase64",
        ),
    ],
)
def test_a_file_that_is_not_here_is_named(
    desk: SqlInstallation, scan: object, message: str
) -> None:
    """A code that is not here does not fall back on an id of somewhere."""
    write(desk, "C_Letter", entry("L-1", pdf()))

    outcomes = write(desk, "C_Letter", entry("L-2", scan))

    assert failure_of(outcomes[0]) == ("no-such-file-entry", "scan", message)


def test_a_file_may_be_named_that_the_same_batch_brings(
    desk: SqlInstallation,
) -> None:
    """Items meet what earlier ones made, and nothing of those that failed."""
    named = {"externalReferenceCode": "F"}
    outcomes = write(
        desk,
        "C_Letter",
        entry("L-1", pdf(**named), page="many"),
        entry("L-2", named),
        entry("L-3", pdf(**named)),
        entry("L-4", named),
    )

    assert kinds(outcomes) == [FAILED, FAILED, CREATED, CREATED]
    assert [scan["id"] for scan in scans(desk)] == [1, 1]


def test_stop_leaves_the_files_behind_it_out(desk: SqlInstallation) -> None:
    """What was not tried has changed nothing."""
    outcomes = write(
        desk,
        "C_Letter",
        entry("L-1", "garbage"),
        entry("L-2", pdf(externalReferenceCode="F")),
        policy=Policy(),
    )

    assert kinds(outcomes) == [FAILED, SKIPPED]
    named = write(desk, "C_Letter", entry("L-3", {"externalReferenceCode": "F"}))
    assert kinds(named) == [FAILED]


def test_strategies_hold_for_files_as_for_other_fields(desk: SqlInstallation) -> None:
    """Left out: stays when changing, goes when replacing. Null: goes."""
    write(desk, "C_Letter", entry("L", pdf()))
    left_out = {"externalReferenceCode": "L", "page": 2}

    write(desk, "C_Letter", left_out, policy=PARTIAL)
    kept = scans(desk)
    write(desk, "C_Letter", entry("L", None), policy=PARTIAL)
    emptied = scans(desk)
    write(desk, "C_Letter", entry("L", pdf()))
    write(desk, "C_Letter", left_out)

    assert [each["fileBase64"] for each in kept] == ["eHh4"]
    assert emptied == [None]
    assert scans(desk) == [None]


def test_a_file_that_is_only_named_is_judged_for_its_field(
    desk: SqlInstallation,
) -> None:
    """What another field accepted, this one need not accept."""
    other = letter("NOTE")
    other["objectFields"][0]["objectFieldSettings"][0]["value"] = "png"
    write(desk, "ObjectDefinition", other)
    write(desk, "C_Letter", entry("L", pdf(externalReferenceCode="F")))

    outcomes = write(desk, "C_Note", entry("N", {"externalReferenceCode": "F"}))

    assert failure_of(outcomes[0]) == (
        "invalid-file-extension",
        "scan",
        'The file extension "pdf" is invalid for object field "scan"',
    )


def test_files_of_sites_are_apart(desk: SqlInstallation) -> None:
    """A code is unique within a site, as that of an entry is."""
    write(desk, "ObjectDefinition", letter("MEMO", "site"))
    kind = type_named(desk, "C_Memo")
    for number, (site, content) in enumerate([("one", "xxx"), ("two", "yyy")]):
        batch = Batch(
            task="sites",
            number=number,
            items=[entry("M", pdf(content, externalReferenceCode="F"))],
            policy=CONTINUE,
            scope=site,
            new_sites=True,
        )
        assert kinds(desk.write(kind, batch)) == [CREATED]

    found = [
        each["scan"]["fileBase64"]
        for site in ("one", "two")
        for each in desk.read(kind, Query(fields=("scan",), scope=site))
    ]
    assert found == ["eHh4", "eXl5"]


def test_small_content_is_a_text_and_large_content_is_not_loaded(
    desk: SqlInstallation,
) -> None:
    """A page of large files is no larger than one of small ones."""
    write(desk, "C_Letter", entry("L", pdf("x" * 100_000)))

    text = scans(desk)[0]["fileBase64"]

    assert isinstance(text, LargeText)
    assert text.size == 133_336
    assert text.whole() == b64encode(b"x" * 100_000).decode()
    fetched = desk.fetch(type_named(desk, "C_Letter"), ["L"])["L"]
    assert isinstance(fetched["scan"]["fileBase64"], LargeText)


@pytest.mark.own_file
def test_a_transaction_taken_back_leaves_an_orphan_that_is_used_again(
    desk: SqlInstallation, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FileContent is there before the transaction ends, and never after it."""
    seen: list[list[str]] = []

    def die(*_: object) -> None:
        seen.append(contents(folder))
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("dmc_widgets.installations.sql.installation.write_mark", die)
        with pytest.raises(KeyboardInterrupt):
            write(desk, "C_Letter", entry("L", pdf()))
    before = (folder / "cd" / XXX).stat().st_ino

    assert seen == [[f"cd/{XXX}"]]
    assert scans(desk) == []
    assert kinds(write(desk, "C_Letter", entry("L", pdf()))) == [CREATED]
    assert (folder / "cd" / XXX).stat().st_ino == before


@pytest.mark.own_file
def test_a_content_that_was_damaged_is_written_again(
    desk: SqlInstallation, folder: Path
) -> None:
    """A file of another size is not what its name says."""
    write(desk, "C_Letter", entry("L", pdf()))
    (folder / "cd" / XXX).write_bytes(b"x")

    write(desk, "C_Letter", entry("L-2", pdf()))

    assert (folder / "cd" / XXX).read_bytes() == b"xxx"


@pytest.mark.own_file
def test_a_content_that_is_missing_is_told(desk: SqlInstallation, folder: Path) -> None:
    """Without it an export would lose a file without a word."""
    write(desk, "C_Letter", entry("L", pdf()))
    (folder / "cd" / XXX).unlink()

    with pytest.raises(Refused) as caught:
        scans(desk)

    assert str(caught.value) == (
        f"letters: The content of a file is missing in {folder}. "
        "Put the folder back that belongs to the database."
    )


@pytest.mark.own_file
@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "store: The disk is full. Make room and start again."),
        (
            errno.EACCES,
            "store: A file in {} cannot be written: Permission denied. "
            "Check the folder's permissions.",
        ),
    ],
)
def test_what_the_disk_says_is_an_error_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
) -> None:
    """And nothing half written stays."""

    def fail(_handle: int) -> None:
        raise OSError(code, os.strerror(code))

    store = ContentStore(tmp_path / "files", "store")
    monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(Refused) as caught, store.storing() as put:
        put(FileContent(XXX, 3), lambda: iter([b"xxx"]))

    assert str(caught.value) == message.format(tmp_path / "files")
    assert contents(tmp_path / "files") == []


@pytest.mark.own_file
def test_without_a_folder_files_are_refused_and_everything_else_works() -> None:
    """A server's database has no folder beside it."""
    store = ContentStore(None, "store")

    with pytest.raises(Refused) as caught, store.storing() as put:
        put(FileContent(XXX, 3), lambda: iter([b"xxx"]))

    assert str(caught.value) == (
        "store: It has no folder for the files of attachments. Name one."
    )


def test_an_entry_from_before_files_were_kept_apart_is_still_read(
    desk: SqlInstallation, place: Place
) -> None:
    """Its content stands in the entry, and moves when the entry is written again."""
    assert kinds(write(desk, "C_Letter", entry("L", None))) == [CREATED]
    body = b'{"scan":{"fileBase64":"eHh4","name":"a.pdf"}}'
    place.rows("UPDATE entry SET body = ?", body)

    exported = read(desk, "C_Letter", "externalReferenceCode", "scan")

    assert exported[0]["scan"] == {"fileBase64": "eHh4", "name": "a.pdf"}
    assert kinds(write(desk, "C_Letter", *exported)) == [OutcomeKind.UPDATED]
    assert scans(desk)[0]["id"] == 1
    assert scans(desk)[0]["fileBase64"] == "eHh4"


@pytest.mark.own_file
def test_files_are_on_the_disk_before_the_commit_that_names_them(
    desk: SqlInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file itself, then the folders that hold its name, then the database."""
    done: list[str] = []
    fsync = os.fsync

    def noting(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").resolve()
        done.append("folder" if path.is_dir() else "file")
        fsync(handle)

    def commit(_connection: object) -> None:
        done.append("commit")

    monkeypatch.setattr(os, "fsync", noting)
    event.listen(desk._database._engine, "commit", commit)

    assert kinds(write(desk, "C_Letter", entry("L", pdf()))) == [CREATED]

    assert done == ["file", "folder", "folder", "folder", "commit"]


@pytest.mark.own_file
def test_a_file_that_another_has_just_written_is_on_the_disk_as_well(
    desk: SqlInstallation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other may not have come to that yet."""
    assert kinds(write(desk, "C_Letter", entry("L", pdf()))) == [CREATED]
    done: list[int] = []
    monkeypatch.setattr(os, "fsync", done.append)

    assert kinds(write(desk, "C_Letter", entry("M", pdf(name="b.pdf")))) == [CREATED]

    assert len(done) == 3
