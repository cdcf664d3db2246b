"""What keeps the settings of a field from being stored (objects facts, 1.3).

The texts are those of ObjectFieldSettingValueException; their exact wording has
not been confirmed on a live server.
"""

from __future__ import annotations

from typing import Any, Final

from ..model.outcome import Problem
from .definition_fields import setting
from .document_catalogue import DocumentFault
from .documents import Body
from .field_types import is_true
from .numberings import is_affix, is_initial_value

_REQUIRED: Final = {
    "Aggregation": ("function", "objectRelationshipName"),
    "Attachment": ("acceptedFileExtensions", "fileSource", "maximumFileSize"),
    "Formula": ("output", "script"),
}
"""Not timeStorage of DateTime: files of versions that did not know it go in, too."""


def settings_fault(field: Body) -> Problem | None:
    """Return the first fault of a field's settings."""
    if field["businessType"] == "AutoIncrement":
        return _numbering_fault(field)
    if is_true(field.get("state")):
        return _state_fault(field)
    names = _REQUIRED.get(field["businessType"], ())
    missing = [name for name in names if setting(field, name) in {None, ""}]
    return _missing(field, ", ".join(missing)) if missing else None


def _numbering_fault(field: Body) -> Problem | None:
    initial = setting(field, "initialValue")
    if initial is None or initial == "":
        return _missing(field, "initialValue")
    if not is_initial_value(str(initial)):
        return _invalid(field, "initialValue", initial)
    for name in ("prefix", "suffix"):
        value = setting(field, name)
        if not is_affix(value):
            return _invalid(field, name, value)
    return None


def _state_fault(field: Body) -> Problem | None:
    """Ask for the first state; older files state it beside the settings."""
    if setting(field, "defaultValue") or field.get("defaultValue"):
        return None
    return _missing(field, "defaultValue, defaultValueType")


def _missing(field: Body, names: str) -> Problem:
    name = field["name"]
    fault = DocumentFault.SETTING_MISSING
    return fault.problem(f"objectFields.{name}", names=names, field=name)


def _invalid(field: Body, setting_name: str, value: Any) -> Problem:
    name = field["name"]
    return DocumentFault.SETTING_INVALID.problem(
        f"objectFields.{name}", name=setting_name, value=value, field=name
    )
