"""Picklist fields, and the state flow of picklists that hold states.

An entry of a picklist is identified by its key. An object without a key may identify it
by its name, in any language of the picklist, as long as no other entry has that name.
An ambiguous name fails its record, because a missing key is not an emptied one.

An entry of an object may start in any state; a new one without a value gets the default
value. Every later change has to be a transition of the flow. The rules are those of
Liferay's object states; see docs/liferay/objects.md, Fields and Values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

from ...model.entity_type import Field
from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import (
    invalid_value,
)
from ..names import is_alphanumeric
from ..text import format_scalar, shorten_text

_KEY: Final = "key"
_NAME: Final = "name"
_NAMES: Final = "name_i18n"
_SHOWN_ENTRIES: Final = 10


def has_key(value: Any, keys: Set[str]) -> bool:
    """Return True if the value of a picklist field, of any kind, is one of some keys.

    >>> has_key([{"key": "red", "name": "Red"}], {"red", "blue"})
    True
    """
    if isinstance(value, list):
        return any(has_key(element, keys) for element in value)
    return (value.get(_KEY) if isinstance(value, Mapping) else value) in keys


@dataclass(frozen=True, slots=True)
class Choices(Mapping[str, str]):
    """The entries of a picklist: a mapping of names by key.

    Attributes:
        names: The name of each entry, by its key.
        keys_by_name: The keys of the entries that have a name in any language.
        is_known: False for a picklist that has only been named so far, so that its
            keys cannot be checked.
        grows: Entries may hold keys that the picklist does not have yet; see
            :mod:`dmc_widgets.objects.entries.lazy_references`.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    keys_by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_known: bool = True
    grows: bool = False

    @classmethod
    def of_picklist(cls, picklist: Mapping[str, Any]) -> Choices:
        """Read the body of a picklist."""
        names: dict[str, str] = {}
        keys_by_name: dict[str, dict[str, None]] = {}
        for entry in picklist.get("listTypeEntries") or ():
            key = entry[_KEY]
            names[key] = entry.get(_NAME) or key
            for name in list_entry_names(entry):
                keys_by_name.setdefault(name, {})[key] = None
        return cls(names, {name: tuple(keys) for name, keys in keys_by_name.items()})

    @classmethod
    def of(cls, names: Mapping[str, str]) -> Choices:
        """Create choices from names by key, where only these are known."""
        if isinstance(names, Choices):
            return names
        keys_by_name: dict[str, list[str]] = {}
        for key, name in names.items():
            keys_by_name.setdefault(name.strip(), []).append(key)
        return cls(names, {name: tuple(keys) for name, keys in keys_by_name.items()})

    @classmethod
    def of_field(cls, field: Field) -> Choices:
        """Create choices from a field of an entity type."""
        if not field.choice_names:
            return cls.of(dict(field.choices))
        collected: dict[str, dict[str, None]] = {}
        for name, key in field.choice_names:
            collected.setdefault(name, {})[key] = None
        keys_by_name = {name: tuple(keys) for name, keys in collected.items()}
        return cls(dict(field.choices), keys_by_name, is_known=bool(field.choices))

    def __getitem__(self, key: str) -> str:
        """Return the name of an entry."""
        return self.names[key]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys."""
        return iter(self.names)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self.names)

    def __contains__(self, key: object) -> bool:
        """Return True if an entry has the key or may have it, or if none is known.

        A name is not taken for a new key: the record names an entry that exists.
        """
        if key in self.names or not self.is_known:
            return True
        is_new = self.grows and isinstance(key, str) and is_alphanumeric(key)
        return is_new and not self.keys_named([str(key)])

    def keys_named(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the keys of the entries that have one of the names."""
        matches = (self.keys_by_name.get(name.strip(), ()) for name in names)
        return tuple(dict.fromkeys(key for keys in matches for key in keys))

    def describe(self) -> str:
        """List the entries for a message: ``low (Low), high (High)``."""
        if not self.names:
            return "Its entries are not known here, so give the key."
        listed = [
            key if key == name else f"{key} ({name})"
            for key, name in list(self.names.items())[:_SHOWN_ENTRIES]
        ]
        more = len(self.names) - len(listed)
        rest = f", and {more} more" if more else ""
        return f"Its entries: {', '.join(listed)}{rest}."


def list_entry_names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of a picklist entry in all its languages, each once."""
    translations = entry.get(_NAMES)
    listed = [entry.get(_NAME)]
    listed += translations.values() if isinstance(translations, Mapping) else ()
    texts = (text.strip() for text in listed if isinstance(text, str))
    return tuple(dict.fromkeys(filter(None, texts)))


def build_picklist_check(
    name: str, choices: Choices
) -> Callable[[Any], str | Problem | None]:
    """Build the check of one choice: ``{key}``, ``{name}``, both, or the key alone."""
    known = choices.names  # a plain dictionary, in which looking up is quick

    def check(value: Any) -> str | Problem | None:
        key = value.get(_KEY) if isinstance(value, dict) else value
        if type(key) is str and key in known:
            return key
        if isinstance(value, dict) and _is_empty(key):
            return _key_by_name(name, value, choices)
        text = format_scalar(key)
        if text is None:
            return invalid_value(name, value, "A picklist takes the key of an entry.")
        if text in choices:
            return text
        return _no_such_key(name, text, value, choices) if text.strip() else None

    return check


def _key_by_name(
    name: str, value: Mapping[str, Any], choices: Choices
) -> str | Problem | None:
    """Return the key for an object that has a name but no key."""
    named = _names_in(value)
    if named is None:
        cause = "A picklist takes an object with the key or the name of an entry."
        return invalid_value(name, value, cause)
    if not named:  # {"key": null}: no value, and that is said
        return None
    keys = choices.keys_named(named)
    if len(keys) == 1:
        return keys[0]
    return _no_single_name(name, named, keys, value, choices)


def build_multiselect_check(
    name: str, choices: Choices
) -> Callable[[Any], list[str] | Problem | None]:
    """Build the check of several choices; an empty list is stored as no value.

    Accepted are a list of keys or objects, one object, one number, ``"a, b"`` and
    ``"[]"``. Null elements are ignored, because lists that are read from tables have
    some.
    """
    one = build_picklist_check(name, choices)

    def check(value: Any) -> list[str] | Problem | None:
        if isinstance(value, str):
            members: list[Any] = _split(value)
        else:
            members = value if isinstance(value, list) else [value]
        keys: dict[str, None] = {}
        for member in members:
            key = None if member is None else one(member)
            if isinstance(key, Problem):
                return key
            if key is not None:
                keys[key] = None
        return list(keys) or None

    return check


def _no_such_key(name: str, key: str, value: Any, choices: Choices) -> Problem:
    keys = choices.keys_named([key])
    hint = f"It is a name; the key is {' or '.join(keys)}. " if keys else ""
    cause = (
        f'The picklist of the field "{name}" has no key "{shorten_text(key)}". '
        f"{hint}{choices.describe()}"
    )
    return EntryProblemType.LIST_TYPE_ENTRY.problem(name, value, cause=cause)


def _no_single_name(
    name: str,
    named: tuple[str, ...],
    keys: tuple[str, ...],
    value: Any,
    choices: Choices,
) -> Problem:
    alternatives = " or ".join(f'"{shorten_text(entry_name)}"' for entry_name in named)
    if keys:
        cause = (
            f'{len(keys)} entries of the picklist of the field "{name}" are named '
            f"{alternatives}: {', '.join(keys)}. Give the key of the one that is meant."
        )
    else:
        cause = (
            f'The picklist of the field "{name}" has no entry named {alternatives}. '
            f"{choices.describe()}"
        )
    return EntryProblemType.LIST_TYPE_ENTRY.problem(name, value, cause=cause)


def _names_in(value: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the names in an object; None if it has neither a name nor translations.

    The name takes precedence over its translations, which some exports add.
    """
    if not any(member in value for member in (_KEY, _NAME, _NAMES)):
        return None
    name = format_scalar(value.get(_NAME))
    if name and name.strip():
        return (name.strip(),)
    if not _is_empty(value.get(_NAME)):
        return None
    translations = value.get(_NAMES)
    if _is_empty(translations):
        return ()
    if not isinstance(translations, dict):
        return None
    names = list_entry_names({_NAMES: translations})
    return names or (() if all(map(_is_empty, translations.values())) else None)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _split(text: str) -> list[Any]:
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return [part.strip() for part in inner.split(",")]


StateFlow = Mapping[str, frozenset[str]]
"""The keys that may follow each key of a picklist."""


def parse_state_flow(stated: Any) -> StateFlow | None:
    """Parse the setting ``stateFlow``.

    Returns:
        The keys that may follow each key; None where no flow is stated, so that every
        state may follow every other.
    """
    states = stated.get("objectStates") if isinstance(stated, dict) else None
    flow = {
        str(state.get("key")): frozenset(
            str(next_state.get("key"))
            for next_state in _dicts(state.get("objectStateTransitions"))
        )
        for state in _dicts(states)
    }
    return flow or None


def check_transition(
    flows: Iterable[tuple[str, StateFlow]],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Problem | None:
    """Report the first change of state that its flow does not allow.

    Args:
        flows: The flows of the state fields that have one, by name.
        before: The stored values of the entry.
        after: The new values of the entry.
    """
    for name, flow in flows:
        old, new = before.get(name), after.get(name)
        if old is None or new is None or old == new:
            continue
        if new not in flow.get(old, frozenset()):
            return EntryProblemType.STATE_TRANSITION.problem(
                name, new, old=old, new=new
            )
    return None


def _dicts(value: Any) -> list[dict[str, Any]]:
    listed = value if isinstance(value, list) else []
    return [element for element in listed if isinstance(element, dict)]
