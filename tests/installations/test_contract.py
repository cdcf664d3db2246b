"""Every installation that there is keeps the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.installations import connect
from dmc_widgets.ports import Installation
from dmc_widgets.testing import InstallationContract
from tests.postgresql import create_installation


class TestSqlite(InstallationContract):
    @pytest.fixture
    def installation(self, tmp_path: Path) -> Iterator[Installation]:
        opened = connect(f"sqlite:///{tmp_path / 'contract.db'}")
        yield opened
        opened.close()


class TestPostgresql(InstallationContract):
    @pytest.fixture
    def installation(self) -> Iterator[Installation]:
        opened = connect(create_installation())
        yield opened
        opened.close()
