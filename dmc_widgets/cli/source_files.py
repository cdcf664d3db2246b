"""The file of a command, which may be at an address, and the progress of its copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ..center.source_files import SourceFile
from ..model.representation import printable
from ..storage.remote_addresses import RemoteAddress, find_address

if TYPE_CHECKING:
    from ..center import Center


@contextmanager
def open_file(center: Center, file: str) -> Iterator[SourceFile]:
    """Open the file of a command; a terminal shows how much of a copy has come."""
    found = find_address(file)
    if not isinstance(found, RemoteAddress):
        yield SourceFile(found)
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with ExitStack() as opened:
        with Progress(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as progress:
            copy = progress.add_task(escape(printable(str(found))), total=None)
            copying = center.sources.open(
                file,
                lambda done, size: progress.update(copy, completed=done, total=size),
            )
            source = opened.enter_context(copying)
        yield source
