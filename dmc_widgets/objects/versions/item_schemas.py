"""The schemas of items, and what of an item a server that has them cannot take.

A server refuses a whole item for one property that it does not know, also deep inside
it. So an item is *fitted* before it is sent: what the schemas lack is left out, and
each loss is returned to be reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ...model.fitting import FittedItem, Loss

OBJECT: Final = "object"
"""The type of a property that takes any JSON value."""

_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_SCALARS: Final = frozenset({"boolean", "integer", "number", "string"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property of a schema.

    Attributes:
        type: A JSON type, or the name of a schema for an object of that schema.
        is_list: It takes a list of the type.
        read_only: Only the server sets it.
        values: The only values that it takes; empty for all.
    """

    type: str = OBJECT
    is_list: bool = False
    read_only: bool = False
    values: frozenset[str] = frozenset()


Schema = Mapping[str, Property]
"""The properties of one kind of items, by name."""


@dataclass(frozen=True, slots=True)
class UnknownPart:
    """The first thing in an item that a server does not take.

    Attributes:
        path: The path of the property, with the places in lists:
            ``objectFields[2].localized``.
        schema: The name of the schema that lacks it.
        known: The names of the properties that the schema has.
        value: A value that the property does not take; None if it is unknown.
    """

    path: str
    schema: str
    known: tuple[str, ...] = ()
    value: Any = None

    @property
    def name(self) -> str:
        """The name of the property."""
        return self.path.rpartition(".")[2]

    @property
    def steps(self) -> tuple[str, ...]:
        """The properties and places in lists that lead to it, from the top."""
        return tuple(self.path.replace("[", ".").replace("]", "").split("."))


class ItemSchemas:
    """The schemas of one API.

    Args:
        schemas: The schemas by name.
        open_schemas: The names of schemas that take unknown properties at the top,
            as entries do.
    """

    def __init__(
        self,
        schemas: Mapping[str, Schema],
        open_schemas: Iterable[str] = (),
    ) -> None:
        self.schemas = schemas
        self._open = frozenset(open_schemas)

    def __contains__(self, name: str) -> bool:
        return name in self.schemas

    def fit(self, name: str, item: Mapping[str, Any]) -> FittedItem:
        """Leave out what a server with these schemas does not take.

        Properties that only the server sets are left out, too, where they are nested;
        nothing is lost by that. At the top, the entity type knows which those are.

        Args:
            name: The schema of the item. An unknown one leaves the item as it is.
            item: The item. It is not changed.
        """
        if name not in self.schemas:
            return FittedItem(dict(item))
        losses: list[Loss] = []
        fitted = self._fit(name, item, "", losses)
        return FittedItem(fitted, tuple(losses))

    def trim(self, name: str, item: Mapping[str, Any]) -> dict[str, Any]:
        """Return an item as a server with these schemas gives it out.

        Args:
            name: The schema of the item. An unknown one leaves the item as it is.
            item: The item. It is not changed.
        """
        if name not in self.schemas:
            return dict(item)
        schema = self.schemas[name]
        return {
            key: self._trim_value(schema[key], value) if key in schema else value
            for key, value in item.items()
            if key in schema or name in self._open
        }

    def _trim_value(self, known: Property, value: Any) -> Any:
        if isinstance(value, list):
            return [self._trim_value(known, part) for part in value]
        if isinstance(value, dict) and known.type in self.schemas:
            return self.trim(known.type, value)
        return value

    def _fit(
        self, name: str, item: Mapping[str, Any], prefix: str, losses: list[Loss]
    ) -> dict[str, Any]:
        schema, fitted = self.schemas[name], dict[str, Any]()
        is_open = not prefix and name in self._open
        for key, value in item.items():
            known = schema.get(key)
            if known is None and is_open:
                fitted[key] = value
            elif known is None:
                _lose(losses, f"{prefix}{key}", value)
            elif not (known.read_only and prefix):
                path = f"{prefix}{key}"
                _, fits = _check(known, value)
                if fits:
                    fitted[key] = self._fit_value(known, value, path, losses)
                else:
                    is_value = not isinstance(value, list | dict)
                    _lose(losses, path, value, is_value=is_value)
        return fitted

    def _fit_value(
        self, known: Property, value: Any, path: str, losses: list[Loss]
    ) -> Any:
        if known.type not in self.schemas:
            return value
        if isinstance(value, list):
            return [
                self._fit(known.type, part, f"{path}[].", losses)
                if isinstance(part, dict)
                else part
                for part in value
            ]
        if isinstance(value, dict):
            return self._fit(known.type, value, f"{path}.", losses)
        return value

    def find_unknown(
        self, name: str, item: Mapping[str, Any], *, nested_only: bool = False
    ) -> UnknownPart | None:
        """Return the first thing in an item that a server with these schemas refuses.

        Args:
            name: The schema of the item. An unknown one takes everything.
            item: The item.
            nested_only: Take unknown properties at the top.
        """
        if name not in self.schemas:
            return None
        skips_top = nested_only or name in self._open
        return next(self._iter_unknown(name, item, "", skips_unknown=skips_top), None)

    def _iter_unknown(
        self,
        name: str,
        item: Mapping[str, Any],
        prefix: str,
        *,
        skips_unknown: bool = False,
    ) -> Iterator[UnknownPart]:
        schema = self.schemas[name]
        for key, value in item.items():
            known, path = schema.get(key), f"{prefix}{key}"
            if known is None:
                if not skips_unknown:
                    yield UnknownPart(path, name, _settable_names(schema))
            elif not (known.read_only and prefix):
                refused, fits = _check(known, value)
                if not fits:
                    yield UnknownPart(path, name, _settable_names(schema), refused)
                else:
                    yield from self._iter_nested(known, value, path)

    def _iter_nested(
        self, known: Property, value: Any, path: str
    ) -> Iterator[UnknownPart]:
        if known.type not in self.schemas:
            return
        if isinstance(value, dict):
            yield from self._iter_unknown(known.type, value, f"{path}.")
        for number, part in enumerate(value if isinstance(value, list) else ()):
            if isinstance(part, dict):
                yield from self._iter_unknown(known.type, part, f"{path}[{number}].")


def is_empty(value: Any) -> bool:
    """Return True for null, an empty text, an empty list and an empty object."""
    return value in _EMPTY


def _settable_names(schema: Schema) -> tuple[str, ...]:
    return tuple(name for name, known in schema.items() if not known.read_only)


def _lose(losses: list[Loss], path: str, value: Any, *, is_value: bool = False) -> None:
    if not is_empty(value):
        losses.append(Loss(path, value, is_value))


def _check(known: Property, value: Any) -> tuple[Any, bool]:
    """Return a value that a property does not take, and whether there is none.

    A server reads a number or a Boolean where it expects a text, but nothing nested.
    """
    if known.values and isinstance(value, str) and value:
        return value, value in known.values
    if known.type in _SCALARS and isinstance(value, dict):
        return value, False
    return None, True
