"""The contract suite of installations, over HTTP against a sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets.installations import ConnectOptions, connect
from dmc_widgets.model.access import Access
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Installation
from dmc_widgets.testing import InstallationContract
from tests.sandbox.conftest import SETTINGS, run_sandbox


class TestLiferay(InstallationContract):
    @pytest.fixture
    def installation(self, tmp_path: Path) -> Iterator[Installation]:
        caller = ConnectOptions(
            access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
        )
        with run_sandbox(tmp_path / "sandbox.db") as sandbox:
            opened = connect(sandbox.url, caller)
            yield opened
            opened.close()
