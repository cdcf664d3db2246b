"""Structs of the fields of a definition, whose names may be anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from ..names import ERC, ERC_LIMIT
from .system_properties import CATEGORY_BRIEFS, CATEGORY_IDS, KEYWORDS
from .typed_fields import TypedField
from .typed_links import TypedLink
from .validation import EntryRules

STATUS: Final = "status"

Never: Final = UnsetType
"""The type of what an item must leave out."""


class Member(NamedTuple):
    """A member of a struct.

    Attributes:
        attribute: The name of the struct's attribute.
        name: The name of its field in JSON.
        kind: Its type.
    """

    attribute: str
    name: str
    kind: Any


class _Published(Struct):
    """The status of a published entry; what stands beside its code is not read."""

    code: Literal[0, "0"]  # a table holds texts


_EMPTY_LIST: Final = Annotated[list[Any], Meta(max_length=0)] | None

_PROPERTIES: Final[tuple[tuple[str, Any], ...]] = (
    (KEYWORDS, _EMPTY_LIST),
    (CATEGORY_IDS, _EMPTY_LIST),
    (CATEGORY_BRIEFS, _EMPTY_LIST),
    (STATUS, _Published),
)
"""What an item may say besides its values without being out of the ordinary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemMembers:
    """The members of the struct of items, by what becomes of them.

    Attributes:
        code: The external reference code.
        values: What is stored.
        links: What items may say of parents beside their codes.
        dropped: What items may say without being out of the ordinary, and what is not
            stored: properties of the entry, and children without a value.
        refused: What items must leave out: whatever one says of linked entries, null
            or nothing, is decided alone.
    """

    code: Member
    values: tuple[Member, ...]
    links: tuple[Member, ...]
    dropped: tuple[Member, ...]
    refused: tuple[Member, ...]

    @classmethod
    def of(
        cls,
        rules: EntryRules,
        fields: Iterable[TypedField],
        links: Iterable[TypedLink],
    ) -> ItemMembers:
        """Return the members for a definition; what items have besides is not read."""
        code = Annotated[str, Meta(min_length=1, max_length=ERC_LIMIT)]
        children = sorted({child.name for child in rules.children})
        dropped = [*_PROPERTIES, *((name, Literal[""]) for name in children)]
        return cls(
            code=Member("erc", ERC, code),
            values=list_values(fields),
            links=tuple(Member(*stated) for link in links for stated in link.members),
            dropped=tuple(Member(f"d{n}", *stated) for n, stated in enumerate(dropped)),
            refused=tuple(
                Member(f"r{n}", link.name, Never) for n, link in enumerate(rules.many)
            ),
        )

    @property
    def all(self) -> tuple[Member, ...]:
        """All of them."""
        return (
            self.code,
            *self.values,
            *self.links,
            *self.dropped,
            *self.refused,
        )


def list_values(fields: Iterable[TypedField]) -> tuple[Member, ...]:
    """Return the members for what is stored."""
    return tuple(Member(one.attribute, one.name, one.value.type) for one in fields)


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
