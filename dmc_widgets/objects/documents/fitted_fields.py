"""Fields whose business type a target does not know, made into what it takes.

Without its business type a field becomes what its DBType says: an email address becomes
a text. The settings of the business type mean nothing then, and the target would refuse
them. A field of a business type without a DBType cannot be, and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ...model.fitting import FittedItem, Loss
from .change_set import DEFINITION, Body
from .definition_fields import DB_TYPES

_FIELDS: Final = "objectFields"
_SETTINGS: Final = "objectFieldSettings"
_TEXT_SETTINGS: Final = frozenset(
    ["defaultValue", "defaultValueType", "maxLength", "showCounter", "uniqueValues"]
)


def adapt_fields(kind: str, item: Mapping[str, Any], fitted: FittedItem) -> FittedItem:
    """Return a fitted definition whose fields the target takes.

    Args:
        kind: The name of the entity type.
        item: The definition before it was fitted.
        fitted: The definition without what the target does not know.
    """
    before, after = item.get(_FIELDS), fitted.item.get(_FIELDS)
    if kind != DEFINITION or not isinstance(before, list) or not after:
        return fitted
    fields: list[Any] = []
    losses = list(fitted.losses)
    for old, new in zip(before, after, strict=True):
        if not _has_lost_type(old, new):
            fields.append(new)
            continue
        db_type = DB_TYPES.get(str(old["businessType"]), "")
        if db_type:
            fields.append(_adapt_field(new, db_type, losses))
        else:
            losses.append(Loss(f"{_FIELDS}[]", str(old.get("name")), is_value=True))
    body = {**fitted.item, _FIELDS: fields}
    return replace(fitted, item=body, losses=tuple(losses))


def _has_lost_type(old: Any, new: Any) -> bool:
    is_field = isinstance(old, dict) and isinstance(new, dict)
    return is_field and bool(old.get("businessType")) and "businessType" not in new


def _adapt_field(field: Body, db_type: str, losses: list[Loss]) -> Body:
    settings = []
    for setting in field.get(_SETTINGS) or ():
        name = setting.get("name") if isinstance(setting, dict) else None
        if name in _TEXT_SETTINGS:
            settings.append(setting)
        else:
            path = f"{_FIELDS}[].{_SETTINGS}[]"
            losses.append(Loss(path, str(name), is_value=True))
    adapted = {**field, "DBType": field.get("DBType") or db_type}
    return adapted | ({_SETTINGS: settings} if _SETTINGS in field else {})
