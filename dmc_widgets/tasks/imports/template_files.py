"""Template files: named plans as YAML or JSON, to be kept, reviewed and passed on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ...errors import InvalidPlan
from ...model.plan import Template, single_plan_from_dict
from ...storage.remote_addresses import RemoteAddress
from ...workspace.source_policy import NO_SOURCES, SourcePolicy
from .mapping_files import is_json_name, read_choices_file

_HEADER_COMMENT: Final = (
    "# Templates of the Data Migration Center: dmc template import FILE\n"
)
_KEY: Final = "templates"


def write_templates(templates: Sequence[Template], name: str) -> str:
    """Return the text of a file called *name*: JSON if it ends so, else YAML."""
    data = {
        _KEY: [
            {"name": template.name, "plan": template.plan.as_dict()}
            for template in templates
        ]
    }
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    if is_json_name(name):
        return text
    import yaml

    plain = json.loads(text)  # no tuple, and no value twice, which would be an alias
    ascii_text = yaml.safe_dump(plain, sort_keys=False, allow_unicode=False, width=80)
    readable = yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=80)
    is_same = yaml.safe_load(readable) == plain  # some line breaks are not kept
    return f"{_HEADER_COMMENT}{readable if is_same else ascii_text}"


def read_templates(
    path: Path | RemoteAddress, name: str, policy: SourcePolicy = NO_SOURCES
) -> list[Template]:
    """Return the templates of a file.

    Args:
        path: The path or the address of the file.
        name: The file's own name: JSON if it ends so, else YAML.
        policy: Says which addresses may be asked.

    Raises:
        FileUnreadable: The file cannot be read, or is larger than 4 MB.
        InvalidPlan: The file does not hold templates.
    """
    return read_choices_file(path, name, "list of templates", _parse, policy)


def _parse(data: Any) -> list[Template]:
    listed = data.get(_KEY) if isinstance(data, dict) else None
    if not isinstance(listed, list) or not listed:
        reason = "It holds no templates. Write them with: dmc template export"
        raise InvalidPlan(reason)
    templates = [_parse_template(one, place) for place, one in enumerate(listed, 1)]
    names = [template.name for template in templates]
    for template_name in names:
        if names.count(template_name) > 1:
            reason = f"The template {template_name!r} is in it twice."
            raise InvalidPlan(reason)
    return templates


def _parse_template(data: Any, place: int) -> Template:
    try:
        name, plan = data["name"], data["plan"]
        if isinstance(name, str) and isinstance(plan, dict):
            return Template(name=name.strip(), plan=single_plan_from_dict(plan))
    except (AttributeError, KeyError, TypeError) as exc:
        reason = f"Template {place} is not complete: {exc} is missing or misplaced."
        raise InvalidPlan(reason) from exc
    reason = f"Template {place} needs a name and a plan."
    raise InvalidPlan(reason)
