"""Drafts: forms in progress, kept until they are run or discarded."""

from __future__ import annotations

from pathlib import Path

from ..workspace.drafts import Draft
from .base import CenterPart

__all__ = ["Draft", "Drafts"]


class Drafts(CenterPart):
    """Keeps forms in progress, with their files: ``center.drafts``."""

    def list(self) -> list[Draft]:
        """Return your drafts, the latest first."""
        return self._workspace.drafts.mine()

    def get(self, draft_id: int) -> Draft:
        """Return one of your drafts.

        Raises:
            UnknownName: There is none of this number.
        """
        return self._workspace.drafts.get(draft_id)

    def add(self, action: str, installation: str, page: str = "") -> int:
        """Begin a draft, and return its number."""
        return self._workspace.drafts.add(action, installation, page)

    def save(self, draft: Draft) -> None:
        """Store what has changed in a draft; the last change wins."""
        self._workspace.drafts.save(draft)

    def keep_upload(self, draft_id: int, path: Path) -> Path:
        """Move an upload to a draft, so that it lasts as long as the draft does.

        Returns:
            Where the file is now. Any file but an upload stays where it is.
        """
        if path.parent != self._workspace.path / "uploads":
            return path
        return self._workspace.drafts.keep_file(draft_id, path)

    def drop_file(self, draft_id: int) -> None:
        """Remove the file of a draft."""
        self._workspace.drafts.drop_file(draft_id)

    def discard(self, draft_id: int) -> None:
        """Remove one of your drafts with its file. Harmless if it is gone."""
        self._workspace.drafts.discard(draft_id)
