"""Uploads that an earlier page has left, and that go on with the same file."""

from __future__ import annotations

from traitlets import HasTraits, Tuple

from ...center import Center
from ...center.files import UnfinishedUpload
from ...languages import gettext as _
from ...model.representation import format_bytes, printable


class UnfinishedUploads(HasTraits):
    """The unfinished uploads of the person.

    Args:
        center: Keeps them.

    Attributes:
        uploads: The uploads, the latest first.
    """

    uploads = Tuple()

    def __init__(self, center: Center) -> None:
        super().__init__()
        self._center = center

    def load(self) -> None:
        """Read which there are."""
        self.uploads = tuple(self._center.files.unfinished_uploads())

    def discard(self, key: str) -> None:
        """Remove one."""
        self._center.files.discard_upload(key)
        self.load()


def describe_upload(upload: UnfinishedUpload) -> str:
    """Return what is there of an upload, and how it goes on."""
    return _(
        "{name}: {received} of {size} are here. Choose the same file again to go on."
    ).format(
        name=printable(upload.name),
        received=format_bytes(upload.received),
        size=format_bytes(upload.size_bytes),
    )
