"""The stocked gallery as fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.ports import Undoer
from tests.installations.databases import KINDS
from tests.installations.undoing.stocked_gallery import (
    ADDRESS,
    copy_stock,
    open_gallery,
    stock,
)
from tests.postgresql import create_installation
from tests.tasks.conftest import KEY


@pytest.fixture(scope="package", params=KINDS)
def stocked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A folder with an installation of rooms, pictures and desks, of each kind."""
    folder = tmp_path_factory.mktemp("stocked")
    if request.param == "postgresql":
        (folder / ADDRESS).write_text(create_installation())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DMC_ENCRYPTION_KEY", KEY)
        stock(folder)
        yield folder


@pytest.fixture
def gallery(stocked: Path, tmp_path: Path) -> Iterator[Undoer]:
    opened = open_gallery(copy_stock(stocked, tmp_path / "own"))
    yield opened
    opened.close()
