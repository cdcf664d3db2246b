"""A plan as the command that does the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import NotSupported
from ...model.field_mapping import FieldMapping
from ...model.mapping import Mapping
from ...model.plan import PackagePlan, Plan
from ...model.reading_options import ReadingOptions
from ...model.strategies import ErrorStrategy
from ...tasks.imports.mapping_files import write_mapping
from .plan_call import CURRENT_FOLDER, PlanCall, plan_call
from .python_code import is_parsed_as

_COMMANDS = {
    "export_file": "export",
    "import_file": "import",
    "export_package": "export-package",
    "migrate": "migrate",
    "verify": "verify",
    "backup": "backup",
    "import_package": "package",
    "retry": "retry",
    "undo": "undo",
    "run": "run",
}
_OPTIONS = {
    "scope": "--site",
    "for_version": "--for",
    "sites": "--site",
    "filters": "--filter",
    "only": "--only",
    "leave": "--leave",
}
_FLAGS = {
    ("include_headers", False): "--no-headers",
    ("guard_formulas", False): "--no-formula-guard",
    ("journal", False): "--no-journal",
    ("verify", False): "--no-verify",
    ("headers", False): "--no-headers",
}
_JOINED = frozenset({"fields", "match"})
_MAPPING_FILE = "mapping.json"

Options = list[tuple[str, str]]
"""Options with their values; the value of a flag is empty."""


def command_line(
    plan: Plan,
    installation: str,
    file: Path | str | None = None,
    *,
    states_plan: bool = False,
    workspace: Path | str | None = None,
) -> str:
    """Return the command that starts a task with a plan, for a POSIX shell.

    The arguments are those of :func:`.plan_call.plan_call`. A mapping that options
    cannot state is written into a file by a line before it. There is no secret in it:
    the workspace knows installations by name.

    Args:
        plan: The plan.
        installation: The name of the installation that is exported, or written to.
        file: The file that is imported, or that an export writes; None for a file in
            the current folder that an export names by what it holds.
        states_plan: The file states strategies and a mapping.
        workspace: The folder of the workspace; None for the default one.

    Raises:
        NotSupported: No single command starts such a task.
    """
    call = plan_call(plan, installation, file, states_plan=states_plan)
    return render_command(call, workspace)


def render_command(call: PlanCall, workspace: Path | str | None = None) -> str:
    """Return a call as a command for a POSIX shell; see :func:`command_line`.

    Raises:
        NotSupported: A command cannot state it.
    """
    words = ["dmc"]
    if workspace is not None:
        words += ["--workspace", str(workspace)]
    words.append(_COMMANDS[call.method])
    before, options = _list_options(call)
    line = shlex.join([*words, *_join(_list_arguments(call), options)])
    return "\n".join([*before, line])


def _list_arguments(call: PlanCall) -> list[str]:
    if call.task:
        return [str(call.task)]
    if call.method == "export_file":
        return [str(argument) for argument in call.arguments[:2]]
    if call.method == "export_package":
        installation, plan = call.arguments
        return [installation, *plan.selection.entity_types]
    return [
        str(name)
        for argument in call.arguments
        for name in (argument if isinstance(argument, list) else [argument])
    ]


def _list_options(call: PlanCall) -> tuple[list[str], Options]:
    """Return the lines before the command, and its options."""
    keywords = dict(call.keywords)
    before: list[str] = []
    options: Options = []
    if call.method == "export_file":
        options += _output_option(call.arguments[2])
    elif call.method == "export_package":
        options += _package_options(call)
        keywords = {}
    options += _mend_options(keywords.pop("replace", {}), keywords.pop("add_keys", {}))
    mapping = keywords.pop("mapping", None)
    if mapping is not None:
        before, added = _mapping_options(mapping)
        options += added
    reading = keywords.pop("reading", None)
    for name, value in keywords.items():
        options += _option(name, value)
    if reading is not None:
        options += _reading_options(reading)
    return before, options


def _option(name: str, value: Any) -> Iterator[tuple[str, str]]:
    flag = _FLAGS.get((name, value)) if isinstance(value, bool) else None
    option = _OPTIONS.get(name, f"--{name.replace('_', '-')}")
    if flag is not None:
        yield flag, ""
    elif value is True:
        yield option, ""
    elif isinstance(value, dict):
        for key, item in value.items():
            items = [item] if isinstance(item, str) else item
            yield option, f"{key}={_join_names(items)}"
    elif name in _JOINED:
        yield option, _join_names([value] if isinstance(value, str) else value)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield option, str(item)
    else:
        yield option, str(value)


def _mend_options(
    replace: dict[str, dict[str, Any]], add_keys: dict[str, list[str]]
) -> Options:
    options: Options = []
    for field, values in replace.items():
        for old, new in values.items():
            if ":" in field or "=" in old:
                raise NotSupported(
                    what=f"A command cannot replace the value {old!r} of {field}.",
                    instead="Use the Python call.",
                )
            options.append(("--replace", f"{field}:{old}={new or ''}"))
    for field, keys in add_keys.items():
        options += [("--add-key", f"{field}:{key}") for key in keys]
    return options


def _join_names(names: list[str]) -> str:
    if len(names) > 1 and any("," in name for name in names):
        raise NotSupported(
            what="A command cannot list names that have a comma.",
            instead="Use the Python call.",
        )
    return ",".join(names)


def _mapping_options(mapping: Mapping) -> tuple[list[str], Options]:
    """Return pairs as options, or the line that writes a file, and its option."""
    texts = [_pair_text(pair) for pair in mapping.pairs]
    if texts and all(texts) and not mapping.same_names:
        options: Options = [("--map", text) for text in texts]
        if mapping.match:
            options.append(("--match", _join_names([*mapping.match])))
        return [], options
    text = write_mapping(mapping, _MAPPING_FILE)
    line = f"printf '%s' {shlex.quote(text)} > {_MAPPING_FILE}"
    return [line], [("--mapping", _MAPPING_FILE)]


def _pair_text(pair: FieldMapping) -> str:
    text = f"{pair.source}={pair.target}"
    text += f"/{pair.lookup}" if pair.lookup else ""
    return text if is_parsed_as(pair, text) else ""


def _reading_options(reading: ReadingOptions) -> Options:
    options: Options = []
    texts = {
        "--delimiter": reading.delimiter.replace("\t", r"\t"),
        "--enclosing-character": reading.enclosing_character,
        "--encoding": reading.encoding,
        "--sheet": reading.sheet,
        "--skip-lines": str(reading.skip_lines or ""),
        "--short-rows": str(reading.short_rows.value) if reading.short_rows else "",
        "--escapes": str(reading.escapes.value) if reading.escapes else "",
    }
    options += [(name, text) for name, text in texts.items() if text]
    if not reading.headers:
        options.append(("--no-headers", ""))
    return options


def _package_options(call: PlanCall) -> Options:
    plan: PackagePlan = call.arguments[1]
    policy, selection = plan.policy, plan.selection
    options = _output_option(call.keywords["path"])
    options += [("--with-needed", "")] if selection.with_needed else []
    options += [("--filter", f"{key}={text}") for key, text in selection.filters]
    options += [("--site", key) for key in selection.sites]
    is_stop = policy.error_strategy is ErrorStrategy.STOP
    options.append(("--import-strategy", policy.import_strategy.value))
    options.append(("--update-strategy", policy.update_strategy.value))
    options.append(("--on-error", "stop" if is_stop else "continue"))
    options += [("--for", plan.for_version)] if plan.for_version else []
    options += [("--name", plan.name)] if plan.name else []
    return options


def _output_option(path: str) -> Options:
    """Return where an export writes, unless that is where it writes by itself."""
    return [] if path == CURRENT_FOLDER else [("--output", path)]


def _join(arguments: list[str], options: Options) -> list[str]:
    """Return the words of a command, with a mark before arguments that look like more.

    An empty value, and one that begins with a dash, is joined with its option.
    """
    words: list[str] = []
    for name, value in options:
        if value.startswith("-"):
            words.append(f"{name}={value}")
        else:
            words += [name, value] if value else [name]
    if any(argument.startswith("-") for argument in arguments):
        return [*words, "--", *arguments]
    return [*arguments, *words]
