"""Bodies that are nearly right: real ones, with something wrong at one place or two."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

_ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    10**30,
    "",
    " ",
    "é\u0000\ud800",
    "x" * 300,
    "2024-13-45",
    "L_USER",
    "MEADOW",
    [],
    [None],
    [[]],
    {},
    {"en_US": 1},
    {"": None},
    {"code": "x"},
)

Place = tuple[Any, Any]
"""A container, and a key or an index in it."""


def spoil(body: Any, chance: random.Random) -> Any:
    """Return a copy of a JSON value that is wrong at one place or two."""
    spoiled = copy.deepcopy(body)
    for _ in range(chance.randint(0, 2)):
        places = list(_places(spoiled))
        if not places:
            return chance.choice(_ODD_VALUES)
        _spoil_place(*chance.choice(places), chance)
    return spoiled


def _places(value: Any) -> Iterator[Place]:
    """Yield every place in a value, at any depth."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _spoil_place(container: Any, key: Any, chance: random.Random) -> None:
    kind = chance.random()
    if kind < 0.6:
        container[key] = copy.deepcopy(chance.choice(_ODD_VALUES))
    elif kind < 0.75 and isinstance(container, dict):
        container[str(chance.choice(["id", "name", "unknown"]))] = container.pop(key)
    elif kind < 0.9 and isinstance(container, list):
        container.append(copy.deepcopy(container[key]))
    else:
        del container[key]
