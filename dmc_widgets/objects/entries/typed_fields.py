"""The fields of typed entries: what they are called, and which values they take."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, NamedTuple

from ...model.outcome import Problem
from ..fields.field_rules import COMPUTED, Check
from ..fields.localized import i18n_name
from ..fields.typed_values import TypedValue, typed_value
from .validation import EntryRules


class TypedField(NamedTuple):
    """A field of typed entries.

    Attributes:
        name: The name of the field.
        attribute: The name of the struct's attribute.
        value: How its values are taken.
        check: The check of one value.
        get: Returns the value that an entry has.
    """

    name: str
    attribute: str
    value: TypedValue
    check: Check
    get: attrgetter[Any]


def compile_typed_fields(rules: EntryRules) -> list[TypedField] | None:
    """Return the fields of a definition that hold values, sorted by name.

    None if the values of some cannot be taken.
    """
    values = _typed_values(rules)
    if values is None:
        return None
    fields = []
    for number, (name, (value, check)) in enumerate(sorted(values.items())):
        attribute = f"f{number}"  # a name may be a word of Python
        getter = attrgetter(attribute)
        fields.append(TypedField(name, attribute, value, check, getter))
    return fields


def _typed_values(rules: EntryRules) -> dict[str, tuple[TypedValue, Check]] | None:
    """Return how stored values are taken, by name; None if some cannot be."""
    checks = dict(rules.checks)
    links = {link.id_name for link in rules.links}
    localized = {field.name: field for field in rules.localized}
    values: dict[str, tuple[TypedValue, Check]] = {
        link.erc_name: (TypedValue(Any), _return_unchanged) for link in rules.links
    }
    for field in rules.fields:
        name = field.name
        if field.type in COMPUTED or name in links:
            continue
        value = typed_value(field)
        if value is None:
            return None
        if name in localized:
            if value.store is not None:
                return None
            check = localized[name].check
            texts: Any = value.type | None
            by_language = TypedValue(dict[str, texts] | str)
            if i18n_name(name) in values:
                return None
            values[i18n_name(name)] = by_language, _check_each(check)
        elif name in checks:
            check = checks[name]
        else:
            return None
        if name in values:
            return None
        values[name] = value, check
    return values


def _return_unchanged(value: Any) -> Any:
    return value


def _check_each(check: Check) -> Check:
    """Return a check of the texts by language: a problem if one has one."""

    def check_all(texts: Any) -> Any:
        checked = map(check, filter(None, texts.values()))
        return next((one for one in checked if isinstance(one, Problem)), texts)

    return check_all
