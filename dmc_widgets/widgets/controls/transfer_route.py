"""The way of files past the kernel, where the server of the page has a route.

``dmc serve`` names its route to the kernels that it starts. In JupyterLab, and under
the Voilà of others, there is none, and files go through the messages of the widgets.
"""

from __future__ import annotations

import os
from pathlib import Path

from ...storage.transfers import (
    FOLDER_VARIABLE,
    URL_VARIABLE,
    Direction,
    TransferStore,
)


def find_route() -> str:
    """Return the server's route, which ends in a slash; empty if there is none."""
    return os.environ.get(URL_VARIABLE, "") if FOLDER_VARIABLE in os.environ else ""


class TransferRoute:
    """Hands out addresses by which the page sends and fetches files.

    Args:
        url: The address of the server's route, which ends in a slash.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.store = TransferStore(Path(os.environ.get(FOLDER_VARIABLE, "")))

    def offer(
        self, direction: Direction, path: Path, name: str, size: int
    ) -> tuple[str, str]:
        """Return the address for one file, and its token.

        Returns:
            Two empty texts if the route does not serve such a file.

        Raises:
            OSError: The workspace cannot be written.
        """
        if not self.store.covers(direction, path):
            return "", ""
        token = self.store.add(direction, path, name=name, size=size)
        return f"{self._url}{direction}/{token}", token
