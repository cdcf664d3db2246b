"""The status of an entry: approved, or a draft (objects facts, 2.3).

Liferay takes a status as ``{code, label}`` and publishes whatever is not a draft. So an
entry that is pending, expired or denied elsewhere would be approved without a word;
here its record fails until somebody decides that.
"""

from __future__ import annotations

from typing import Any, Final

from ..model.outcome import Problem
from .entry_faults import status_not_supported
from .scalar_text import scalar_text

APPROVED: Final = 0
DRAFT: Final = 2

_CODES: Final = {
    "0": APPROVED,
    "2": DRAFT,
    "approved": APPROVED,
    "draft": DRAFT,
}


def read_status(stated: Any) -> int | Problem | None:
    """Read the status that an item asks for.

    Args:
        stated: An object with a code or a label, or one of these alone.

    Returns:
        Its code; None where the item asks for none; or a :class:`Problem`.
    """
    parts = [stated]
    if isinstance(stated, dict):
        parts = [stated[name] for name in ("code", "label") if name in stated]
    for part in parts:
        if part is None or part == "":
            continue
        text = scalar_text(part)
        code = None if text is None else _CODES.get(text.strip().lower())
        return status_not_supported(stated) if code is None else code
    return None if parts else status_not_supported(stated)
