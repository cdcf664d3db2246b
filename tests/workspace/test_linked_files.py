"""A large file is not copied, and a later change of it is noticed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.workspace import linked_files
from dmc_widgets.workspace.file_identity import identify_file
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from dmc_widgets.workspace.linked_files import LinkedFile

CHANGED = (
    "big.csv: it was changed after the task had been started. "
    "Start a new task with the file as it is now."
)

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="files are copied there"),
    pytest.mark.own_file,  # no database takes part
]


@pytest.fixture(autouse=True)
def _everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linked_files, "LINKED_BYTES", 4)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "big.csv"
    path.write_bytes(b"a\n1\n")
    path.chmod(0o640)
    return path


def taken(source: Path, sha256: str = "") -> LinkedFile:
    target = source.with_name("task") / "original"
    copy_into_workspace(source, target, consume=False)
    return LinkedFile(target, "big.csv", sha256)


def test_large_file_gets_a_second_name_and_keeps_its_mode(source: Path) -> None:
    file = taken(source)

    file.require_unchanged()
    assert file.path.samefile(source)
    assert source.stat().st_mode & 0o777 == 0o640


def test_small_file_is_copied_also_where_a_link_was(source: Path) -> None:
    taken(source)
    source.write_bytes(b"a\n")
    file = taken(source)

    source.write_bytes(b"other\n")
    file.require_unchanged()
    assert file.path.read_bytes() == b"a\n"


def test_link_is_to_the_file_that_a_symbolic_link_names(source: Path) -> None:
    other = source.with_name("link.csv")
    other.symlink_to(source)

    file = taken(other)

    assert file.path.samefile(source)
    assert not file.path.is_symlink()


def test_file_is_copied_where_no_link_can_be(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    file = taken(source)

    assert not file.path.samefile(source)
    assert file.path.read_bytes() == b"a\n1\n"


@pytest.mark.parametrize("data", [b"a\n2\n", b"a\n1\n2\n", b""])
def test_file_that_was_written_is_refused(source: Path, data: bytes) -> None:
    file = taken(source, identify_file(source).sha256)
    times = source.stat().st_atime_ns, source.stat().st_mtime_ns
    with source.open("r+b") as stream:
        stream.write(data)
        stream.truncate()
    os.utime(source, ns=times)  # as programs do that keep the times of a file

    with pytest.raises(FileUnreadable) as caught:
        file.require_unchanged()
    assert str(caught.value) == CHANGED


def test_times_alone_change_nothing(source: Path) -> None:
    """As when the file is renamed or deleted; it is hashed once."""
    file = taken(source, identify_file(source).sha256)
    os.utime(source, (1, 1))
    source.unlink()

    file.require_unchanged()
    LinkedFile(file.path, "big.csv").require_unchanged()  # without a hash to compare


def test_file_without_a_known_hash_is_refused_once_its_times_have_changed(
    source: Path,
) -> None:
    file = taken(source)
    os.utime(source, (1, 1))

    with pytest.raises(FileUnreadable):
        file.require_unchanged()


def test_change_is_noticed_while_the_file_is_read(source: Path) -> None:
    parts = taken(source).watch([1, 2, 3])

    assert next(parts) == 1
    source.write_bytes(b"b\n")
    with pytest.raises(FileUnreadable):
        next(parts)
