"""Serialization of mappings, for plans and for mapping files that people write."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any, NoReturn

from ..errors import InvalidPlan
from .field_mapping import ABSENT, FieldMapping, OtherValues
from .value_conversion import BooleanFormat, DateFormat, NumberFormat, TextFormat

_KEYS = (
    "source",
    "constant",
    "if_missing",
    "if_empty",
    "values",
    "other_values",
    "date",
    "datetime",
    "number",
    "boolean",
    "expression",
    "lookup",
)
_FORMATS = ("date", "datetime", "number", "boolean")


def pair_to_dict(pair: FieldMapping) -> str | dict[str, Any]:
    """Return a pair as plain data: its source, or a table with more."""
    if pair.is_plain:
        return pair.source
    entry: dict[str, Any] = {"source": pair.source} if pair.has_source else {}
    for key in ("constant", "if_missing", "if_empty"):
        value = getattr(pair, key)
        if value is not ABSENT:
            entry[key] = value
    if pair.values:
        entry["values"] = dict(pair.values)
    if pair.other_values is OtherValues.REFUSE:
        entry["other_values"] = pair.other_values.value
    if pair.format is not None:
        entry.update(_format_to_dict(pair.format))
    if pair.expression:
        entry["expression"] = pair.expression
    if pair.lookup:
        entry["lookup"] = pair.lookup
    return entry


def pair_from_dict(target: Any, entry: Any) -> FieldMapping:
    """Build the pair of a target from its source, or from a table with more.

    Raises:
        InvalidPlan: It is neither. The error names the target and the key.
    """
    if not isinstance(target, str) or not target:
        _refuse(repr(target), "is not the name of a field. Put it in quotation marks")
    where = f"the field {target!r}"
    if isinstance(entry, str):
        return FieldMapping(entry, target)
    require_keys(entry, _KEYS, where)
    if not {"source", "constant", "expression"} & set(entry):
        _refuse(where, "gets nothing. Give it a source, a constant or an expression")
    return FieldMapping(
        _read_text(entry, "source", where),
        target,
        constant=_json_value(entry.get("constant", ABSENT), f"constant of {where}"),
        if_missing=_json_value(
            entry.get("if_missing", ABSENT), f"if_missing of {where}"
        ),
        if_empty=_json_value(entry.get("if_empty", ABSENT), f"if_empty of {where}"),
        values=_value_pairs(entry.get("values", {}), f"values of {where}"),
        other_values=_other_values(entry.get("other_values", "keep"), where),
        format=_read_format(entry, where),
        expression=_read_text(entry, "expression", where),
        lookup=_read_text(entry, "lookup", where),
    )


def pair_to_list(pair: FieldMapping) -> list[Any]:
    """Return source and target, and a table if the pair has more."""
    entry = pair_to_dict(pair)
    if isinstance(entry, str):
        return [pair.source, pair.target]
    return [pair.source, pair.target, entry]


def pair_from_list(data: Any) -> FieldMapping:
    """Build the pair that :func:`pair_to_list` wrote.

    Raises:
        InvalidPlan: The table cannot be read.
        ValueError: There are fewer than two, or more than three elements.
    """
    source, target, *rest = data
    if not rest:
        return FieldMapping(source, target)
    (entry,) = rest
    return pair_from_dict(target, entry)


def require_keys(data: Any, known: Collection[str], where: str) -> None:
    """Refuse data that is not a table, and keys that nothing reads.

    Raises:
        InvalidPlan: The error names *where* and the known keys.
    """
    listed = ", ".join(sorted(known))
    if not isinstance(data, dict):
        _refuse(where, f"is {data!r:.80}. Write a table with some of: {listed}")
    for key in data:
        if key not in known:
            _refuse(where, f"has a key {key!r}, which nothing reads. Known: {listed}")


def _format_to_dict(form: TextFormat) -> dict[str, Any]:
    if isinstance(form, DateFormat):
        return {"datetime" if form.with_time else "date": form.pattern}
    if isinstance(form, NumberFormat):
        grouping = {"grouping": form.grouping} if form.grouping else {}
        return {"number": {"decimal": form.decimal, **grouping}}
    return {"boolean": {"true": list(form.true), "false": list(form.false)}}


def _read_format(entry: dict[str, Any], where: str) -> TextFormat | None:
    chosen = [key for key in _FORMATS if key in entry]
    if len(chosen) > 1:
        _refuse(where, f"has {' and '.join(chosen)}. Keep one of them")
    if not chosen:
        return None
    read: dict[str, Callable[[dict[str, Any], str], TextFormat]] = {
        "date": lambda entry, where: DateFormat(_read_text(entry, "date", where)),
        "datetime": lambda entry, where: DateFormat(
            _read_text(entry, "datetime", where), with_time=True
        ),
        "number": _number_format,
        "boolean": _boolean_format,
    }
    try:
        return read[chosen[0]](entry, where)
    except InvalidPlan as exc:
        reason = str(exc)
        if where not in reason:
            reason = f"{chosen[0]} of {where}: {reason}"
        raise InvalidPlan(reason) from exc


def _number_format(entry: dict[str, Any], where: str) -> NumberFormat:
    number, here = entry["number"], f"number of {where}"
    require_keys(number, {"decimal", "grouping"}, here)
    if "decimal" not in number:
        _refuse(here, "does not say its decimal separator. Write decimal: ','")
    return NumberFormat(
        _read_text(number, "decimal", here), _read_text(number, "grouping", here)
    )


def _boolean_format(entry: dict[str, Any], where: str) -> BooleanFormat:
    here = f"boolean of {where}"
    sides = entry["boolean"]
    if isinstance(sides, dict):  # YAML reads true and false without marks as values
        words = {True: "true", False: "false"}
        sides = {words.get(k, k) if k in words else k: v for k, v in sides.items()}
    require_keys(sides, {"true", "false"}, here)
    return BooleanFormat(
        _read_spellings(sides.get("true", []), here),
        _read_spellings(sides.get("false", []), here),
    )


def _read_spellings(listed: Any, where: str) -> tuple[str, ...]:
    if not isinstance(listed, list):
        _refuse(where, f"has {listed!r:.80} where a list of spellings belongs")
    return tuple(_read_spelling(spelling, where) for spelling in listed)


def _read_spelling(entry: Any, where: str) -> str:
    if isinstance(entry, bool) or not isinstance(entry, (str, int)):
        _refuse(
            where,
            f"has {entry!r:.80} where a text belongs. Put it in quotation marks; YAML "
            "reads yes, no, on and off without them as true and false",
        )
    return str(entry)


def _value_pairs(entry: Any, where: str) -> tuple[tuple[str, Any], ...]:
    if not isinstance(entry, dict):
        _refuse(where, f"is {entry!r:.80}. Write a table of source and target values")
    return tuple(
        (_read_spelling(key, where), _json_value(value, where))
        for key, value in entry.items()
    )


def _read_text(entry: dict[str, Any], key: str, where: str) -> str:
    text = entry.get(key, "")
    if not isinstance(text, str):
        _refuse(f"{key} of {where}", f"is {text!r:.80}. Put it in quotation marks")
    return text


def _other_values(entry: Any, where: str) -> OtherValues:
    if entry not in list(OtherValues):
        _refuse(f"other_values of {where}", f"is {entry!r:.80}. Write keep or refuse")
    return OtherValues(entry)


def _json_value(value: Any, where: str) -> Any:
    """Return a value that JSON can hold; YAML also has dates and infinite numbers."""
    if isinstance(value, list):
        return [_json_value(element, where) for element in value]
    if isinstance(value, dict):
        return {
            _read_spelling(k, where): _json_value(v, where) for k, v in value.items()
        }
    if isinstance(value, float) and not math.isfinite(value):
        _refuse(where, f"is {value}, which JSON cannot hold")
    if value is ABSENT or value is None or isinstance(value, (str, int, float, bool)):
        return value
    return _refuse(where, f"is {value!r:.80}. Put it in quotation marks")


def _refuse(where: str, fault: str) -> NoReturn:
    reason = f"{where[:1].upper()}{where[1:]} {fault}."
    raise InvalidPlan(reason)
