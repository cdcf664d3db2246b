"""Options that several commands share, given to each of them as one value."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

Command = Callable[..., None]


def with_shared_options(
    parameter: str, build: Callable[..., Any]
) -> Callable[[Command], Command]:
    """Return a decorator that adds options to a command.

    Args:
        parameter: The keyword argument of the command that takes the value.
        build: Makes the value; its parameters are the options.
    """

    def add_options(command: Command) -> Command:
        added = inspect.signature(build, eval_str=True).parameters
        own = inspect.signature(command, eval_str=True)
        remaining = [x for x in own.parameters.values() if x.name != parameter]

        @wraps(command)
        def wrapper(*args: Any, **chosen: Any) -> None:
            options = {name: chosen.pop(name) for name in added}
            command(*args, **{parameter: build(**options)}, **chosen)

        wrapper.__signature__ = own.replace(  # type: ignore[attr-defined]
            parameters=[*remaining, *added.values()]
        )
        return wrapper

    return add_options
