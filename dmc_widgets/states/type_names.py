"""Entity types as people call them, where plans and messages hold technical names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..languages import gettext as _
from ..model.entity_type import LIST_TYPE_DEFINITION, object_short_name, simple_name
from ..model.task import Task
from .stored_texts import translate_text

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KIND_OF_PART = re.compile(r" \((?:relationships|needed)\)$")


def format_type_name(key: str) -> str:
    """Return the name of an entity type in words: ``Billing Ticket``."""
    if key == LIST_TYPE_DEFINITION or simple_name(key) == "ListTypeDefinition":
        return _("Picklist")
    return _WORD_START.sub(" ", object_short_name(simple_name(key)))


def list_type_names(text: str) -> str:
    """Return the entity types of a plan in words: ``Customer, Object Definition``."""
    return ", ".join(map(format_type_name, filter(None, text.split(", "))))


def summarize_types(keys: Sequence[str]) -> str:
    """Return the first entity type in words, and the number of the others."""
    if not keys:
        return _("All")
    first, *others = keys
    name = format_type_name(first)
    if not others:
        return name
    return _("{name} and {count} more").format(name=name, count=len(others))


def format_part_title(title: str) -> str:
    """Return the title of a part of a task in words.

    >>> format_part_title("C_BillingTicket (relationships)")
    'Billing Ticket (relationships)'
    """
    kind = _KIND_OF_PART.search(title)
    name = title[: kind.start()] if kind else title
    return f"{format_type_name(name)}{kind[0] if kind else ''}"


def name_types(text: str, task: Task) -> str:
    """Put a message about a task into words: its language, and names of entity types.

    Messages of the core name a type as plans do, ``C_Ticket``. Only whole names of the
    types of this task are replaced, so that values of records stay as they are.
    """
    text = translate_text(text)
    keys = [part.entity_type for part in task.parts] or task.plan.entity_type.split(
        ", "
    )
    words = {name: format_type_name(name) for name in map(simple_name, keys)}
    names = [re.escape(name) for name, word in words.items() if name and name != word]
    if not names:
        return text
    return re.sub(rf"\b(?:{'|'.join(names)})\b", lambda found: words[found[0]], text)
