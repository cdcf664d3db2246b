"""The names of formats in the help of commands.

They stand in for what plug-ins add, and to find plug-ins is to look through everything
that is installed: a command does so for its help alone.
"""

from __future__ import annotations

from typing import Any, Final

from typer.core import TyperCommand

READABLE_FILES: Final = "{readable files}"
"""Stands in help for the files that can be read."""

WRITABLE_FORMATS: Final = "{writable formats}"
"""Stands in help for the formats that can be written."""


class NamingCommand(TyperCommand):
    """A command that names the formats in the help of its arguments and options."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help, with the names of the formats."""
        self.name_formats()
        super().format_help(ctx, formatter)

    def name_formats(self) -> None:
        """Put the names of the formats into the help of arguments and options."""
        for parameter in self.params:
            text = getattr(parameter, "help", None) or ""
            if READABLE_FILES in text:
                vars(parameter)["help"] = text.replace(READABLE_FILES, _list_files())
            elif WRITABLE_FORMATS in text:
                vars(parameter)["help"] = text.replace(WRITABLE_FORMATS, _list_names())


def _list_names() -> str:
    from ..formats import FORMATS  # the version is printed without formats

    return ", ".join(FORMATS.writable_names())


def _list_files() -> str:
    from ..formats import FORMATS  # as above

    infos = [format_.info for format_ in FORMATS.values() if format_.info.can_read]
    *names, last = (
        info.name if info.extension == info.name.lower() else f"*.{info.extension}"
        for info in infos
    )
    return f"{', '.join(names)} or {last}"
