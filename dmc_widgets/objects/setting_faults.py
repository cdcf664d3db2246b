"""What keeps the settings of a field from being stored (objects facts, 1.3).

The texts are those of ObjectFieldSettingValueException; their exact wording has
not been confirmed on a live server.
"""

from __future__ import annotations

from typing import Any

from .definition_fields import setting
from .documents import Body
from .field_types import is_true
from .numberings import is_affix, is_initial_value


def settings_message(field: Body) -> str:
    """Say what is wrong with a field's settings; empty if nothing is."""
    if field["businessType"] == "AutoIncrement":
        return _numbering_message(field)
    if is_true(field.get("state")):
        return _state_message(field)
    return ""


def _numbering_message(field: Body) -> str:
    initial = setting(field, "initialValue")
    if initial is None or initial == "":
        return _missing(field, "initialValue")
    if not is_initial_value(str(initial)):
        return _invalid(field, "initialValue", initial)
    for name in ("prefix", "suffix"):
        value = setting(field, name)
        if not is_affix(value):
            return _invalid(field, name, value)
    return ""


def _state_message(field: Body) -> str:
    """Ask for the first state; older files state it beside the settings."""
    if setting(field, "defaultValue") or field.get("defaultValue"):
        return ""
    return _missing(field, "defaultValue, defaultValueType")


def _missing(field: Body, names: str) -> str:
    return f"The settings {names} are required for object field {field['name']}"


def _invalid(field: Body, name: str, value: Any) -> str:
    return (
        f"The value {value} of setting {name} is invalid for object field "
        f"{field['name']}"
    )
