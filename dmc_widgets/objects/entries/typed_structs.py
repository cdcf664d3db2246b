"""Structs of the fields of a definition, whose names may be anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET, UnsetType, defstruct

Member = tuple[str, str, Any]
"""An attribute of a struct, the name of its field in JSON, and its type."""

Never: Final = UnsetType
"""The type of what an item must leave out."""


def define_struct(name: str, members: Sequence[Member], *, forbids: bool) -> Any:
    """Define a struct all of whose fields may be left out or null.

    Args:
        name: Its name in errors.
        members: Its members.
        forbids: Other fields are refused; else they are not read.

    Raises:
        ValueError: A name has a quote, a backslash or a control character.
    """
    return defstruct(
        name,
        [(attribute, _optional(kind), UNSET) for attribute, _, kind in members],
        rename={attribute: field for attribute, field, _ in members},
        forbid_unknown_fields=forbids,
        gc=False,
    )


def _optional(kind: Any) -> Any:
    return kind if kind is Never else kind | None | UnsetType
