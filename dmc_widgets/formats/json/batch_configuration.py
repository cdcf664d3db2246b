"""The configuration of a ``*.batch-engine-data.json`` file."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from ...errors import FileUnreadable
from ...model.entity_type import DEFAULT_DELEGATE, class_name_key
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
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

_ON_ERROR_FAIL = {"true": ErrorStrategy.STOP, "false": ErrorStrategy.CONTINUE}

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
    """

    class_name: str
    delegate: str = DEFAULT_DELEGATE
    policy: Policy
    parameters: dict[str, str] = field(default_factory=dict)
    field_mapping: dict[str, str] = field(default_factory=dict)

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
    return BatchConfiguration(
        class_name=class_name,
        delegate=_format_text(delegate)
        or parameters.get("taskItemDelegateName")
        or DEFAULT_DELEGATE,
        policy=_parse_policy(parameters, source),
        parameters=parameters,
        field_mapping=_parse_texts(data, "fieldNameMappingMap", source),
    )


def _parse_policy(parameters: dict[str, str], source: str) -> Policy:
    import_strategy = _parse_choice(
        parameters, "createStrategy", ImportStrategy, source
    )
    if parameters.get(EXISTING_ONLY) == "true":
        import_strategy = ImportStrategy.UPDATE
    return Policy(
        import_strategy=import_strategy,
        update_strategy=_parse_choice(
            parameters, "updateStrategy", UpdateStrategy, source
        ),
        error_strategy=_parse_error_strategy(parameters, source),
    )


def _parse_error_strategy(parameters: dict[str, str], source: str) -> ErrorStrategy:
    """Read importStrategy; files made by hand and older ones say onErrorFail."""
    name = "onErrorFail"
    stated = parameters.get(name, "")
    if not stated or parameters.get("importStrategy"):
        return _parse_choice(parameters, "importStrategy", ErrorStrategy, source)
    strategy = _ON_ERROR_FAIL.get(stated.lower())
    if strategy is None:
        raise _unknown_choice(name, stated, "true, false", source)
    return strategy


def _parse_choice(
    parameters: dict[str, str], name: str, kind: type[ChoiceT], source: str
) -> ChoiceT:
    stated = parameters.get(name) or ENGINE_DEFAULTS[name]
    if stated not in {member.value for member in kind}:
        raise _unknown_choice(name, stated, ", ".join(kind), source)
    return kind(stated)


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
