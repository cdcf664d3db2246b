"""The file of a command, which may be at an address, and the progress of its copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..center.source_files import Progress, SourceFile
from ..model.representation import printable
from ..storage.remote_addresses import RemoteAddress, find_address

if TYPE_CHECKING:
    from ..center import Center
    from ..center.sources import RangedFile

_Opened = TypeVar("_Opened")


@contextmanager
def open_file(
    center: Center, file: str, *, is_package: bool = False
) -> Iterator[SourceFile]:
    """Open the file of a command; a terminal shows how much of a copy has come.

    Args:
        center: The center.
        file: The path or the address; of a folder, that of the parts of one file.
        is_package: A folder is a package, and stays where it is.
    """
    found = find_address(file)
    if isinstance(found, Path):
        if is_package or not found.is_dir():
            yield SourceFile(found)
            return
        with center.sources.open(file) as joined:
            yield joined
        return
    with _copied(found, lambda progress: center.sources.open(file, progress)) as copy:
        yield copy


@contextmanager
def look_at_file(center: Center, file: str) -> Iterator[SourceFile | RangedFile]:
    """Open the file of a command that reads no more than some of it."""
    found = find_address(file)
    if isinstance(found, Path):
        with open_file(center, file) as local:
            yield local
        return
    with _copied(found, lambda progress: center.sources.look_at(file, progress)) as it:
        yield it


@contextmanager
def _copied(
    address: RemoteAddress,
    open_copy: Callable[[Progress], AbstractContextManager[_Opened]],
) -> Iterator[_Opened]:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, TextColumn
    from rich.progress import Progress as ProgressBar

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with ExitStack() as opened:
        with ProgressBar(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as bar:
            copy = bar.add_task(escape(printable(str(address))), total=None)
            copying = open_copy(
                lambda done, size: bar.update(copy, completed=done, total=size)
            )
            source = opened.enter_context(copying)
        yield source
