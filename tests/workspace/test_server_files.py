"""Files in the folders of the server: no name and no link leads out of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dmc_widgets.errors import FileUnreadable, InvalidPlan
from dmc_widgets.workspace.server_files import (
    list_server_files,
    open_in_folder,
    resolve_in_folder,
)
from dmc_widgets.workspace.source_policy import SourcePolicy

pytestmark = pytest.mark.own_file  # nothing here asks the database

OUTSIDE = "it is not in a folder whose files may be read. Choose another one."
MISSING = "the file does not exist. It may have been moved; list the files again."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of imports beside a file that is a secret."""
    folder = tmp_path / "imports"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "march.csv").write_text("a\n1\n")
    (folder / "old.CSV").write_text("a\n1\n2\n")
    (folder / "note.docx").write_text("x")
    (folder / ".hidden.csv").write_text("x")
    (tmp_path / "secret.csv").write_text("x")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "inner.csv").symlink_to(folder / "old.CSV")
    (folder / "elsewhere").symlink_to(tmp_path)
    os.utime(folder / "old.CSV", (1, 1))
    return folder


def test_listing_holds_what_can_be_imported_and_no_way_out(folder: Path) -> None:
    listing = list_server_files("imports", folder, {".csv"})

    names = [(file.name, file.size) for file in listing.files]
    assert names == [("2026/march.csv", 4), ("inner.csv", 6), ("old.CSV", 6)]
    assert not listing.left_off
    found = list_server_files("imports", folder, {".csv"}, "MARCH 2026").files
    assert [file.name for file in found] == ["2026/march.csv"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("../secret.csv", OUTSIDE, id="upwards"),
        pytest.param("2026/../../secret.csv", OUTSIDE, id="down-and-upwards"),
        pytest.param("link.csv", OUTSIDE, id="link"),
        pytest.param("elsewhere/secret.csv", OUTSIDE, id="linked-folder"),
        pytest.param("2026", "it is not a file. Choose a file.", id="folder"),
        pytest.param("none.csv", MISSING, id="missing"),
        pytest.param("a\0.csv", MISSING, id="null"),
    ],
)
def test_no_name_leads_out_of_the_folder(folder: Path, name: str, reason: str) -> None:
    with pytest.raises(FileUnreadable) as caught:
        resolve_in_folder(folder, name)

    assert caught.value.reason == reason


def test_absolute_path_is_refused_even_for_a_file_that_is_there(folder: Path) -> None:
    secret = folder.parent / "secret.csv"

    with pytest.raises(FileUnreadable) as caught:
        open_in_folder(folder, str(secret))

    assert caught.value.reason == OUTSIDE


def test_policy_reaches_the_kernels_and_refuses_what_is_no_host(folder: Path) -> None:
    hosts = ("Files.example.com:8443", "10.0.0.7")
    policy = SourcePolicy.of([folder], hosts)

    assert SourcePolicy.from_environment(policy.to_environment()) == policy
    assert policy.hosts == {"files.example.com:8443", "10.0.0.7"}
    assert list(policy.labels()) == ["imports"]
    assert SourcePolicy.from_environment({}) == SourcePolicy(is_open=True)
    for text in ("https://a.example", "a.example/path", "*.example.com", ""):
        with pytest.raises(InvalidPlan):
            SourcePolicy.of([], [text])
    with pytest.raises(InvalidPlan, match="is not a folder"):
        SourcePolicy.of([folder / "old.CSV"], [])
