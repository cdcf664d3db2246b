"""The files below one folder, from which a person chooses one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ...errors import FileUnreadable, InvalidPlan
from ...storage.remote_addresses import find_local_path


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderItem:
    """A folder or a file.

    Attributes:
        name: Its name, or ``..`` for the folder above.
        is_folder: It is a folder.
        size_bytes: The size of a file.
        modified: When a file was changed last, in seconds since 1970.
    """

    name: str
    is_folder: bool = False
    size_bytes: int = 0
    modified: float = 0.0


class Folder:
    """Lists folders and files below a root; nothing above it can be reached.

    Args:
        root: The folder that is the root.
        accept: The extensions of the files, with their dot; empty for any.

    Raises:
        FileUnreadable: The root is not a folder.
    """

    def __init__(self, root: Path | str, accept: Collection[str] = ()) -> None:
        self.root = find_local_path(root).resolve()
        self.current = self.root
        self._accept = {extension.casefold() for extension in accept}
        if not self.root.is_dir():
            raise FileUnreadable(str(self.root), "It is not a folder.")

    @property
    def title(self) -> str:
        """The folder in view, as a path from the root."""
        inner = self.current.relative_to(self.root)
        return f"{self.root.name}/{inner.as_posix()}" if inner.parts else self.root.name

    def list(self, pattern: str = "") -> list[FolderItem]:
        """Return what is in the folder in view, folders first, by name.

        Hidden files, and links that lead out of the root, are left out.
        """
        wanted = pattern.strip().casefold()
        items = []
        for path in self.current.iterdir():
            if path.name.startswith(".") or wanted not in path.name.casefold():
                continue
            if not path.resolve().is_relative_to(self.root):
                continue
            if path.is_dir():
                items.append(FolderItem(name=path.name, is_folder=True))
            elif path.is_file() and self._suits(path):
                facts = path.stat()
                items.append(
                    FolderItem(
                        name=path.name,
                        size_bytes=facts.st_size,
                        modified=facts.st_mtime,
                    )
                )
        items.sort(key=lambda item: (not item.is_folder, item.name.casefold()))
        above = FolderItem(name="..", is_folder=True)
        return items if self.current == self.root else [above, *items]

    def open(self, name: str) -> Path | None:
        """Go into a folder and return None, or return the path of a file.

        Raises:
            InvalidPlan: It is not below the root.
        """
        path = (self.current / name).resolve()
        if not path.is_relative_to(self.root):
            reason = f"{name!r} is not below {self.root.name}. Choose another file."
            raise InvalidPlan(reason)
        if not path.is_dir():
            return path
        self.current = path
        return None

    def _suits(self, path: Path) -> bool:
        return not self._accept or path.suffix.casefold() in self._accept
