"""Items that are read around the write of a batch, so that each is read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ItemPlace = tuple[str, str]
"""The key of an item's site, empty for none, and its external reference code."""


@dataclass(slots=True)
class ItemReads:
    """What is read of the items of a batch before and after its write.

    Attributes:
        before: What the caller has read before: an item, or None where there is none.
            Empty where that may not be true any more.
        after: What the installation has read after; the caller reads all others.
    """

    before: dict[ItemPlace, dict[str, Any] | None] = field(default_factory=dict)
    after: dict[ItemPlace, dict[str, Any]] = field(default_factory=dict)
