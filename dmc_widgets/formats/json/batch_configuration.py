"""The configuration of a ``*.batch-engine-data.json`` file.

People write these files by hand, and Liferay ignores most of what it does not know. So
what it ignores never refuses a file here: it is left out, and a note names it. A word
is refused only where Liferay refuses it, too, and where guessing could overwrite what
should stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any, Final, TypeVar

from ...errors import FileUnreadable
from ...model.entity_type import DEFAULT_DELEGATE, class_name_key
from ...model.strategies import (
    LIFERAY_UPDATE_STRATEGIES,
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from .values import to_json

# The defaults of Liferay's batch engine (docs/liferay/batch-engine.md), which are not
# those of its form.
ENGINE_DEFAULTS = {
    "createStrategy": ImportStrategy.INSERT.value,
    "importStrategy": ErrorStrategy.STOP.value,
    "updateStrategy": UpdateStrategy.UPDATE.value,
}

EXISTING_ONLY = "existingOnly"
"""A parameter of ours: ``true`` means Only Update Records, which Liferay's batch engine
does not take for object entries. A file that Liferay is to take, too, states UPSERT."""

SITE_PARAMETERS: Final = ("scopeKey", "siteExternalReferenceCode", "siteId")
"""The parameters that may name a site, in the order in which Liferay asks for them.
Each of them may hold the key, the id or the external reference code of the site."""

_ON_ERROR_FAIL: Final = {
    "true": ErrorStrategy.STOP,
    "false": ErrorStrategy.CONTINUE,
    **{strategy.value.lower(): strategy for strategy in ErrorStrategy},
}

_KNOWN_KEYS: Final = frozenset(
    {
        *("className", "companyId", "fieldNameMappingMap", "parameters"),
        *("taskItemDelegateName", "userId", "version"),
    }
)
_KNOWN_PARAMETERS: Final = frozenset(
    {
        *ENGINE_DEFAULTS,
        *SITE_PARAMETERS,
        *("onErrorFail", EXISTING_ONLY, "taskItemDelegateName"),
        # What an export leaves in its file: the choices of the export.
        *("batchNestedFields", "className", "containsHeaders", "contentType"),
        *("delimiter", "enclosingCharacter", "externalReferenceCode", "fieldNames"),
        *("fields", "filter", "flatten", "nestedFields", "search", "sort"),
    }
)
_IDLE_VALUES: Final = (None, "", False, "false", 0, "0")
"""Values of a key that ask for nothing, so that no note names the key."""

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchConfiguration:
    """What a file states about where its items belong and how to import them.

    Attributes:
        class_name: Liferay's DTO class.
        delegate: The delegate that the configuration states, else the one in its
            parameters, else ``DEFAULT``.
        policy: The strategies stated, and the batch engine's defaults for those
            that are not: INSERT, UPDATE, ON_ERROR_FAIL.
        parameters: All parameters, as texts; those that are null are left out.
        field_mapping: The target field of each source field; mostly empty.
        site: The key, the id or the external reference code of the site that the
            parameters name; empty for none.
        notes: Sentences about what is stated and not taken.
        data: The whole configuration as it stands in the file.
    """

    class_name: str
    delegate: str = DEFAULT_DELEGATE
    policy: Policy
    parameters: dict[str, str] = field(default_factory=dict)
    field_mapping: dict[str, str] = field(default_factory=dict)
    site: str = ""
    notes: tuple[str, ...] = ()
    data: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def key(self) -> str:
        """The key of the entity type: class, or class and delegate."""
        return class_name_key(self.class_name, self.delegate)


def parse_configuration(data: Any, *, source: str) -> BatchConfiguration:
    """Build the configuration that stands in a file as *data*.

    Raises:
        FileUnreadable: The configuration does not name a class, or names an unknown
            strategy.
    """
    if not isinstance(data, dict):
        reason = "Its 'configuration' is not an object."
        raise FileUnreadable(source, reason)
    class_name = data.get("className")
    if not isinstance(class_name, str) or not class_name:
        reason = "Its 'configuration' names no class in 'className'."
        raise FileUnreadable(source, reason)
    parameters = _parse_texts(data, "parameters", source)
    delegate = data.get("taskItemDelegateName")
    policy, notes = _parse_policy(parameters, source)
    return BatchConfiguration(
        class_name=class_name,
        delegate=_format_text(delegate)
        or parameters.get("taskItemDelegateName")
        or DEFAULT_DELEGATE,
        policy=policy,
        parameters=parameters,
        field_mapping=_parse_texts(data, "fieldNameMappingMap", source),
        site=find_site(parameters),
        notes=(*notes, *_name_ignored(data, parameters)),
        data=data,
    )


def find_site(parameters: Mapping[str, str]) -> str:
    """Return the site that the parameters of a task name; empty for none."""
    values = ((parameters.get(name) or "").strip() for name in SITE_PARAMETERS)
    return next(filter(None, values), "")


def _parse_policy(
    parameters: dict[str, str], source: str
) -> tuple[Policy, Iterable[str]]:
    """Return the strategies, and notes on words that stand for none."""
    import_strategy = _parse_choice(
        parameters, "createStrategy", ImportStrategy, source
    )
    if parameters.get(EXISTING_ONLY, "").lower() == "true":
        import_strategy = ImportStrategy.UPDATE
    notes: list[str] = []
    is_read = import_strategy is not ImportStrategy.INSERT
    policy = Policy(
        import_strategy=import_strategy,
        update_strategy=_parse_choice(
            parameters, "updateStrategy", UpdateStrategy, source
        )
        if is_read
        else _parse_lenient(parameters, "updateStrategy", UpdateStrategy, notes),
        error_strategy=_parse_error_strategy(parameters, notes),
    )
    return policy, notes


def _parse_error_strategy(
    parameters: dict[str, str], notes: list[str]
) -> ErrorStrategy:
    """Read importStrategy; files made by hand and older ones say onErrorFail.

    No release of Liferay looks at onErrorFail, and older ones not at importStrategy, so
    a word that stands for no strategy is left out.
    """
    name = "onErrorFail"
    stated = parameters.get(name, "").strip()
    if not stated or parameters.get("importStrategy"):
        return _parse_lenient(parameters, "importStrategy", ErrorStrategy, notes)
    strategy = _ON_ERROR_FAIL.get(stated.lower())
    if strategy is None:
        known = ", ".join(("true", "false", *ErrorStrategy))
        notes.append(_ignored_word(name, stated, ErrorStrategy.STOP, known))
    return strategy or ErrorStrategy.STOP


def _parse_choice(
    parameters: dict[str, str], name: str, kind: type[ChoiceT], source: str
) -> ChoiceT:
    """Read a strategy, in any case of its letters, as Liferay does."""
    stated = parameters.get(name) or ENGINE_DEFAULTS[name]
    found = _find_choice(stated, kind)
    if found is None:
        raise _unknown_choice(name, stated, ", ".join(_words(kind)), source)
    return found


def _parse_lenient(
    parameters: dict[str, str], name: str, kind: type[ChoiceT], notes: list[str]
) -> ChoiceT:
    """Read a strategy that Liferay does not look at; a note names another word."""
    default = kind(ENGINE_DEFAULTS[name])
    stated = parameters.get(name) or default
    found = _find_choice(stated, kind)
    if found is None:
        notes.append(_ignored_word(name, stated, default, ", ".join(_words(kind))))
    return found or default


def _find_choice(stated: str, kind: type[ChoiceT]) -> ChoiceT | None:
    word = stated.strip().upper()
    return kind(word) if word in set(_words(kind)) else None


def _words(kind: type[ChoiceT]) -> tuple[str, ...]:
    """Return the words that Liferay knows: a merge is ours alone."""
    if kind is UpdateStrategy:
        return LIFERAY_UPDATE_STRATEGIES
    return tuple(kind)


def _ignored_word(name: str, stated: str, default: str, known: str) -> str:
    return (
        f"The file states {name} {stated!r}, which Liferay ignores; {default} is "
        f"taken. Known: {known}."
    )


def _name_ignored(data: dict[str, Any], parameters: dict[str, str]) -> Iterator[str]:
    """Yield a sentence about keys, and one about parameters, that are not read."""
    keys = [
        name
        for name, value in data.items()
        if name not in _KNOWN_KEYS and value not in _IDLE_VALUES
    ]
    if keys:
        yield f"The configuration has keys that are not read: {_join_names(keys)}."
    names = [name for name in parameters if name not in _KNOWN_PARAMETERS]
    if names:
        yield f"The file has parameters that are not read: {_join_names(names)}."


def _join_names(names: list[str]) -> str:
    shown = (name if name.isprintable() else repr(name) for name in sorted(names))
    return ", ".join(islice((name[:50] for name in shown), 10)) + (
        ", …" if len(names) > 10 else ""
    )


def _unknown_choice(name: str, stated: str, known: str, source: str) -> FileUnreadable:
    reason = f"Its configuration states {name} {stated!r}. Known: {known}."
    return FileUnreadable(source, reason)


def _parse_texts(data: dict[str, Any], key: str, source: str) -> dict[str, str]:
    values = data.get(key)
    if values is None:
        return {}
    if not isinstance(values, dict):
        reason = f"In its 'configuration', {key!r} is not an object."
        raise FileUnreadable(source, reason)
    return {
        name: _format_text(value) for name, value in values.items() if value is not None
    }


def _format_text(value: Any) -> str:
    """Turn a value into the text that the batch engine's parameters hold."""
    if value is None:
        return ""
    return value if isinstance(value, str) else to_json(value).decode()
