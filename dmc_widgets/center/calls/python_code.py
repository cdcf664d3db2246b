"""A plan as the Python call that does the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ...errors import InvalidPlan
from ...model.field_mapping import FieldMapping
from ...model.mapping import Mapping
from ...model.plan import Plan
from .plan_call import PlanCall, plan_call

_WIDTH = 88
_INDENT = "    "


def python_call(
    plan: Plan,
    installation: str,
    file: Path | str | None = None,
    *,
    states_plan: bool = False,
) -> str:
    """Return the call of the center that starts a task with a plan, as Python.

    The arguments are those of :func:`.plan_call.plan_call`. There is no secret in it:
    the center knows installations by name.

    Raises:
        NotSupported: No single call starts such a task.
    """
    return render_call(plan_call(plan, installation, file, states_plan=states_plan))


def python_script(call: str, workspace: Path | str | None = None) -> str:
    """Return a whole program around a call.

    Args:
        call: What :func:`python_call` returns.
        workspace: The folder of the workspace; None for the default one.
    """
    place = "" if workspace is None else quote(str(workspace))
    decimals = ["from decimal import Decimal", ""] if "Decimal(" in call else []
    first, *rest = call.splitlines()
    lines = [
        *decimals,
        "import dmc_widgets as dmc",
        "",
        f"with dmc.open_center({place}) as center:",
        f"{_INDENT}task = {first}",
        *(f"{_INDENT}{line}" for line in rest),
    ]
    return "\n".join([*lines, ""])


def render_call(call: PlanCall) -> str:
    """Return a call as Python, in one line or with one argument a line."""
    if call.method == "export_package":
        return _render_package(call)
    target = f"center.task({call.task})" if call.task else "center"
    arguments = [code_of(value) for value in call.arguments]
    arguments += [f"{name}={code_of(value)}" for name, value in call.keywords.items()]
    return _wrap(f"{target}.{call.method}", arguments)


def _render_package(call: PlanCall) -> str:
    """An export of a package is started and waited for; its file is in the task."""
    arguments = [code_of(value) for value in call.arguments]
    start = _wrap("center.tasks.start_package", arguments)
    return f"center.task(\n{_indent(start)}\n).wait()"


def _wrap(name: str, arguments: list[str]) -> str:
    line = f"{name}({', '.join(arguments)})"
    if len(line) <= _WIDTH - 2 * len(_INDENT) and "\n" not in line:
        return line
    return "\n".join([f"{name}(", *(_indent(code) + "," for code in arguments), ")"])


def _indent(text: str) -> str:
    return "\n".join(_INDENT + line for line in text.splitlines())


def code_of(value: Any) -> str:
    """Return a value of a plan as Python that builds it again."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, (dict, list, tuple)):
        return _collection_code(value)
    if isinstance(value, Mapping):
        return _mapping_code(value)
    if is_dataclass(value) and not isinstance(value, type):
        return f"dmc.{type(value).__name__}({', '.join(_field_codes(value))})"
    return repr(value)


def _collection_code(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> str:
    if isinstance(value, dict):
        pairs = (f"{code_of(key)}: {code_of(item)}" for key, item in value.items())
        return f"{{{', '.join(pairs)}}}"
    return f"[{', '.join(map(code_of, value))}]"


def _mapping_code(mapping: Mapping) -> str:
    pairs = [_pair_code(pair) for pair in mapping.pairs]
    arguments = [f"[{', '.join(pairs)}]"] if pairs else []
    if mapping.same_names:
        arguments.append("same_names=True")
    if mapping.match:
        arguments.append(f"match={code_of(mapping.match)}")
    return f"dmc.Mapping({', '.join(arguments)})"


def _pair_code(pair: FieldMapping) -> str:
    """Return a plain pair as ``SOURCE=TARGET``, and any other as a value."""
    text = f"{pair.source}={pair.target}"
    if pair.is_plain and is_parsed_as(pair, text):
        return quote(text)
    return f"dmc.FieldMapping({', '.join(_field_codes(pair))})"


def is_parsed_as(pair: FieldMapping, text: str) -> bool:
    """Return True if a text states the pair: names may hold signs that mean more."""
    try:
        return FieldMapping.parse(text) == pair
    except InvalidPlan:
        return False


def _field_codes(value: Any) -> Iterator[str]:
    """Yield the fields of a value that are not their defaults."""
    positional = ("source", "target") if isinstance(value, FieldMapping) else ()
    for field in fields(value):
        held = getattr(value, field.name)
        default = field.default
        if field.default_factory is not MISSING:
            default = field.default_factory()
        if field.name in positional:
            yield code_of(held)
        elif held != default or type(held) is not type(default):
            yield f"{field.name}={_field_code(value, field.name, held)}"


def _field_code(owner: Any, name: str, held: Any) -> str:
    if isinstance(owner, FieldMapping) and name == "values":
        return code_of(dict(held))
    return code_of(held)


def quote(text: str) -> str:
    """Return a text as a Python literal in double quotes, as people write it."""
    literal = repr(text)
    if literal[0] == "'" and '"' not in text:
        return f'"{literal[1:-1]}"'.replace("\\'", "'")
    return literal
