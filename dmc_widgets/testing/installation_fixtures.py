"""What the parts of the contract of installations share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..ports import Installation
from .samples import (
    CREATED,
    DEFINITIONS,
    PICKLIST,
    kinds,
    write,
)


class InstallationFixtures:
    """An installation that holds the definitions of the samples."""

    @pytest.fixture
    def desk(self, installation: Installation) -> Iterator[Installation]:
        """Give an installation with the definitions in it."""
        write(installation, "ListTypeDefinition", PICKLIST)
        outcomes = write(installation, "ObjectDefinition", *DEFINITIONS)
        if kinds(outcomes) != [CREATED] * 2:
            pytest.fail(f"The definitions were refused: {outcomes}")
        yield installation
        installation.close()
