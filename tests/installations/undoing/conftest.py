"""The stocked gallery as fixtures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.ports import Undoer
from tests.installations.undoing.stocked_gallery import open_gallery, stock
from tests.tasks.conftest import KEY


@pytest.fixture(scope="package")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with an installation of rooms, pictures and desks."""
    folder = tmp_path_factory.mktemp("stocked")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DMC_ENCRYPTION_KEY", KEY)
        stock(folder)
        yield folder


@pytest.fixture
def gallery(stocked: Path, tmp_path: Path) -> Iterator[Undoer]:
    shutil.copytree(stocked, tmp_path / "own")
    opened = open_gallery(tmp_path / "own")
    yield opened
    opened.close()
