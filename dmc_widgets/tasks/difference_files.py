"""Files of differences: each is accepted or left, as people have edited it.

``dmc compare`` writes such a file with every difference, and imports, packages and
migrations take it. A file may also hold nothing but the paths::

    only:
    - Customer.objectFields.vatNumber
    leave:
    - Customer.label
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import InvalidPlan
from ..model.merge_choices import MergeChoices
from ..objects.comparison.difference_paths import difference_path
from ..objects.comparison.differences import ChangeType, Difference
from ..storage.remote_addresses import RemoteAddress
from ..workspace.source_policy import NO_SOURCES, SourcePolicy
from .imports.mapping_files import is_json_name, read_choices_file

_WHAT: Final = "list of differences"
_KEYS: Final = frozenset({"differences", "only", "leave"})
_COMMENT: Final = (
    "# The differences between a source and a target. accept: true brings what the\n"
    "# source has, accept: false leaves what the target has. A part that only the\n"
    "# target has (removed) goes where it is accepted, if deletions are allowed.\n"
)


def read_merge_choices(
    path: Path | RemoteAddress, policy: SourcePolicy = NO_SOURCES
) -> MergeChoices:
    """Read which differences are accepted: JSON if the name ends so, else YAML.

    Args:
        path: The path or the address of the file.
        policy: Says which addresses may be asked.

    Raises:
        FileUnreadable: The file does not exist, is not UTF-8 text, or is too large.
        InvalidPlan: It does not hold differences; the error says what it met.
    """
    return read_choices_file(path, path.name, _WHAT, _parse_choices, policy)


def format_differences(differences: Iterable[Difference], name: str) -> str:
    """Return the text of a file called *name*: JSON if it ends so, else YAML.

    What the source has is accepted, and what only the target has stays.
    """
    data = {"differences": [_difference_to_dict(x) for x in differences]}
    if is_json_name(name):
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    import yaml

    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=80)
    return f"{_COMMENT}{text}"


def _difference_to_dict(difference: Difference) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "path": difference_path(difference),
        "change": difference.change.value,
        "accept": difference.change is not ChangeType.REMOVED,
    }
    values = {"source": difference.source, "target": difference.target}
    plain |= {name: value for name, value in values.items() if value is not None}
    return plain | ({"kept": difference.kept.value} if difference.kept else {})


def _parse_choices(data: Any) -> MergeChoices:
    if not isinstance(data, Mapping) or not data or not data.keys() <= _KEYS:
        reason = (
            "It is not a list of differences. Let dmc compare write one, or give "
            "'only' and 'leave', each with a list of paths."
        )
        raise InvalidPlan(reason)
    only = [*_paths(data, "only")]
    leave = [*_paths(data, "leave")]
    listed = data.get("differences")
    if listed is not None and not isinstance(listed, list):
        reason = "'differences' is not a list."
        raise InvalidPlan(reason)
    for number, difference in enumerate(listed or (), start=1):
        path, accepts = _parse_difference(difference, number)
        (only if accepts else leave).append(path)
    if listed is not None and not only:
        reason = "No difference is accepted, so there is nothing to do."
        raise InvalidPlan(reason)
    return MergeChoices(only, leave)


def _paths(data: Mapping[str, Any], name: str) -> list[str]:
    paths = data.get(name)
    if paths is None:
        return []
    if isinstance(paths, str):
        return [paths]
    if isinstance(paths, list) and all(isinstance(path, str) for path in paths):
        return paths
    reason = f"{name!r} is not a list of paths, such as 'Customer.label'."
    raise InvalidPlan(reason)


def _parse_difference(difference: Any, number: int) -> tuple[str, bool]:
    if isinstance(difference, Mapping):
        path, accepts = difference.get("path"), difference.get("accept")
        if isinstance(path, str) and isinstance(accepts, bool):
            return path, accepts
    reason = f"Difference {number} lacks a path, or 'accept: true' or 'accept: false'."
    raise InvalidPlan(reason)
