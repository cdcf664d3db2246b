"""Commands whose modules are loaded when they are called.

A command needs few of the modules that all of them need together. The help of a group
loads none of its commands: their first sentences stand in :mod:`.summaries`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from .examples import help_epilog
from .format_names import NamingCommand
from .summaries import SUMMARIES

CommandLoader = Callable[[], TyperCommand | TyperGroup]
"""Loads a command, or a group of commands."""


class LazyCommands(MutableMapping[str, Any]):
    """Commands by name, each loaded when it is first asked for.

    Args:
        loaders: What loads each command, in the order of the help.
    """

    def __init__(self, loaders: dict[str, CommandLoader]) -> None:
        self._loaders = dict(loaders)
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = self._loaders[name]()
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaders[name] = lambda: command
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaders[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaders)

    def __len__(self) -> int:
        return len(self._loaders)

    def __contains__(self, name: object) -> bool:
        return name in self._loaders  # that of Mapping would load the command


class LazyGroup(TyperGroup):
    """A group that lists its commands without loading them.

    Attributes:
        summaries: The first sentence of each command that the help shows, by name.
    """

    summaries: Mapping[str, str] = {}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (that of Typer)
        """Return the names of the commands, in the order of the help."""
        return [*self.commands]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands, as a group of loaded commands does it."""
        commands: dict[str, Any] = {
            name: TyperCommand(name, help=summary)
            for name, summary in self.summaries.items()
        }
        TyperGroup(name=self.name, commands=commands).format_commands(ctx, formatter)


def new_app(group: type[TyperGroup], title: str | None = None) -> typer.Typer:
    """Return an application of Typer with the settings that all of ours have."""
    return typer.Typer(
        cls=group,
        help=title,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        # Plain text: the help and the messages are the same in a pipe and in a test.
        rich_markup_mode=None,
    )


def load_command(
    name: str, place: str, *, path: str = "", hidden: bool = False
) -> TyperCommand | TyperGroup:
    """Load a command.

    Args:
        name: Its name in its group.
        place: Its module below this package, and its function: ``tasks:list_tasks``.
        path: Its name with those of its groups, by which its examples are found.
        hidden: No help shows it.
    """
    module, _, function = place.partition(":")
    callback = getattr(import_module(f".{module}", __package__), function)
    alone = new_app(TyperGroup)
    epilog = None if hidden else help_epilog(path or name)
    register = alone.command(name, cls=NamingCommand, epilog=epilog, hidden=hidden)
    register(callback)
    command = get_command(alone)
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


def load_group(
    name: str, title: str, places: dict[str, str], group: type[LazyGroup] = LazyGroup
) -> TyperGroup:
    """Return a group of commands, each of which is loaded when it is called.

    Args:
        name: The name of the group.
        title: The text of its help.
        places: The module and the function of each of its commands.
        group: The class of the group.
    """
    loaded = get_group(new_app(group, title))
    loaded.name = name
    assert isinstance(loaded, LazyGroup)
    loaded.summaries = summarize(places)
    loaded.commands = LazyCommands(
        {
            command: _loader(command, place, f"{name} {command}")
            for command, place in places.items()
        }
    )
    return loaded


def summarize(places: Mapping[str, str]) -> dict[str, str]:
    """Return the first sentence of each command, by its name."""
    return {name: SUMMARIES[place] for name, place in places.items()}


def _loader(name: str, place: str, path: str) -> CommandLoader:
    return lambda: load_command(name, place, path=path)
