"""The names of exported files: what is in them, and from which day."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Final

from .entity_type import object_short_name, simple_name
from .plan import BackupPlan, ExportPlan, PackagePlan, Plan

_UNSAFE: Final = frozenset('<>:"/\\|?*')
_DEVICES: Final = frozenset(
    ["CON", "PRN", "AUX", "NUL"]
    + [f"{name}{number}" for name in ("COM", "LPT") for number in range(1, 10)]
)
_MAX_BYTES: Final = 160  # file systems take 255 of a name
_MAX_NAMED: Final = 3


def make_safe_name(text: str, fallback: str = "export") -> str:
    """Return a text as the name of a file that Windows, macOS and Linux all take.

    What is invisible or turns the direction of a text is left out.

    >>> make_safe_name("A/B: 50 %")
    'A-B- 50 %'
    """
    letters = (
        "-" if letter in _UNSAFE else letter
        for letter in unicodedata.normalize("NFC", text)
        if not unicodedata.category(letter).startswith("C")
    )
    cut = "".join(letters).encode()[:_MAX_BYTES].decode(errors="ignore")
    name = cut.strip(" .") or fallback
    is_device = name.partition(".")[0].strip().upper() in _DEVICES
    return f"{name}_" if is_device else name


def make_export_name(plan: Plan, installation: str, created: str) -> str:
    """Return the name of the zip that an export with a plan writes.

    >>> make_export_name(ExportPlan(entity_type="C_Customer"), "Shop", "2026-11-28")
    'Customer-2026-11-28.zip'

    Args:
        plan: The plan of an export, a package or a backup.
        installation: The name of the installation that is read.
        created: When the task was started, in ISO 8601; the day is that of the local
            time zone.
    """
    day = datetime.fromisoformat(created).astimezone().date()
    return f"{make_safe_name(_describe_content(plan, installation))}-{day}.zip"


def find_free_path(path: Path) -> Path:
    """Return a path at which there is no file yet: ``Customer-2026-11-28 (2).zip``."""
    numbered = (
        path.with_name(f"{path.stem} ({number}){path.suffix}") for number in count(2)
    )
    return next(free for free in chain([path], numbered) if not free.exists())


def _describe_content(plan: Plan, installation: str) -> str:
    if isinstance(plan, ExportPlan):
        return object_short_name(simple_name(plan.entity_type))
    kind = "backup" if isinstance(plan, BackupPlan) else "package"
    keys = plan.selection.entity_types if isinstance(plan, PackagePlan) else ()
    names = [object_short_name(simple_name(key)) for key in keys]
    is_short = 0 < len(names) <= _MAX_NAMED
    return "-".join([*(names if is_short else [installation]), kind])
