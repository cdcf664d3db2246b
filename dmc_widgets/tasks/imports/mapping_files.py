"""Mapping files: read and write a mapping as YAML or JSON."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from ...errors import InvalidPlan
from ...model.mapping import Mapping, mapping_from_dict
from ...storage.remote_addresses import RemoteAddress
from ...workspace.edited_files import read_edited_file
from ...workspace.source_policy import NO_SOURCES, SourcePolicy

Value = TypeVar("Value")

_LINE_BREAKS: Final = frozenset("\x85\u2028\u2029\ufeff")
_HEADER_COMMENT: Final = (
    "# Which field of the file fills which field of the entity type.\n"
)
_FIELDS_COMMENT: Final = (
    "# fields: a line 'target: source' each, or a table that says more.\n"
)


def read_mapping(
    path: Path | RemoteAddress,
    name: str | None = None,
    policy: SourcePolicy = NO_SOURCES,
) -> Mapping:
    """Read the mapping file at *path*: JSON if its name ends so, else YAML.

    Args:
        path: The path or the address of the file.
        name: The file's own name, if the last part of *path* is another one.
        policy: Says which addresses may be asked.

    Raises:
        FileUnreadable: The file does not exist, is not UTF-8 text, or is larger than
            4 MB.
        InvalidPlan: The file is not a valid mapping; the error names file, field and
            key.
    """
    return read_choices_file(
        path, name or path.name, "mapping", mapping_from_dict, policy
    )


def read_choices_file(
    path: Path | RemoteAddress,
    name: str,
    what: str,
    parse: Callable[[Any], Value],
    policy: SourcePolicy = NO_SOURCES,
) -> Value:
    """Read choices that people have edited: JSON if the name ends so, else YAML.

    Args:
        path: The path or the address of the file.
        name: The file's own name.
        what: What it holds, as messages call it: ``mapping``.
        parse: Makes the choices from the plain data of the file.
        policy: Says which addresses may be asked.

    Raises:
        FileUnreadable: The file does not exist, is not UTF-8 text, or is larger than
            4 MB.
        InvalidPlan: The file does not hold such choices.
    """
    text = read_edited_file(path, name, what, policy)
    try:
        return parse(_parse_json(text) if is_json_name(name) else _parse_yaml(text))
    except InvalidPlan as exc:
        reason = f"{name}: {exc}"
        raise InvalidPlan(reason) from exc
    except RecursionError as exc:
        reason = f"{name}: It is nested too deeply to be a {what}."
        raise InvalidPlan(reason) from exc


def write_mapping(mapping: Mapping, name: str = "mapping.yaml") -> str:
    """Return the text of a file called *name*: JSON if it ends so, else YAML."""
    data = mapping.as_dict()
    if is_json_name(name):
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    import yaml

    # PyYAML writes these unescaped and reads them back as line ends.
    plain = _LINE_BREAKS.isdisjoint(json.dumps(data, ensure_ascii=False))
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=plain, width=80)
    return f"{_HEADER_COMMENT}{_FIELDS_COMMENT}{text}"


def is_json_name(name: str) -> bool:
    """Return True if a file of this name holds JSON, and not YAML."""
    return name.lower().endswith(".json")


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_reject_duplicate_keys)
    except ValueError as exc:
        reason = f"It is not valid JSON: {exc}."
        raise InvalidPlan(reason) from exc


def _reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        key, _ = max(Counter(name for name, _ in pairs).items(), key=_count)
        raise InvalidPlan(_duplicate_key_message(key))
    return data


def _parse_yaml(text: str) -> Any:
    import yaml

    try:
        _reject_duplicates_and_aliases(yaml.compose(text, Loader=yaml.SafeLoader))
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as exc:
        mark = getattr(exc, "problem_mark", None)
        cause = getattr(exc, "problem", None) or str(exc).partition("\n")[0]
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = f"It is not valid YAML{place}: {cause}."
        raise InvalidPlan(reason) from exc


def _reject_duplicates_and_aliases(root: Any) -> None:
    """Refuse duplicate keys, of which YAML would drop one, and aliases.

    Aliases let a small file expand without limit, and no mapping needs them.
    """
    import yaml

    visited: set[int] = set()
    open_nodes = [root] if root is not None else []
    while open_nodes:
        node = open_nodes.pop()
        if id(node) in visited:
            line = node.start_mark.line + 1
            reason = (
                f"Line {line} is referred to by an alias (*). Write it out instead."
            )
            raise InvalidPlan(reason)
        visited.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value if isinstance(key.value, str)]
            key, number = max(Counter(keys).items(), key=_count, default=("", 0))
            if number > 1:
                raise InvalidPlan(_duplicate_key_message(key))
            open_nodes += [child for pair in node.value for child in pair]
        elif isinstance(node, yaml.SequenceNode):
            open_nodes += node.value


def _count(item: tuple[str, int]) -> int:
    return item[1]


def _duplicate_key_message(key: str) -> str:
    return f"The file has the key {key!r} twice. Keep one of them."
