"""What definitions name before it comes, once everything has come that will.

An installation makes an empty document for it. While a task runs, that says little:
the next record may fill it. At the end it is told by name, or not at all.
"""

from __future__ import annotations

from ..model.outcome import PLACEHOLDER
from ..objects.mentions import unmet
from ..ports import Installation
from .comparing import documents_of
from .run import Run


def settle_placeholders(run: Run, installation: Installation) -> None:
    """Tell which documents are still missing, in place of how many named some.

    Args:
        run: Its notes say that placeholders were made, or nothing is looked at.
        installation: The target.

    Raises:
        InstallationError: It does not answer.
    """
    if PLACEHOLDER not in run.notes:
        return
    missing = unmet(documents_of(installation))
    del run.notes[PLACEHOLDER]
    if missing:
        told = ", ".join(f"{kind} {code}" for kind, code in missing)
        run.remarks.append(
            f"Named by others, but not here yet: {told}. Empty ones were made, to be "
            "filled when they come."
        )
