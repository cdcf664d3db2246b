"""What definitions name before it comes, once everything has come that will.

An installation makes an empty document for it. While a task runs, that says little:
the next record may fill it. At the end it is told by name, or not at all.
"""

from __future__ import annotations

from ..model.entity import EntityType
from ..model.outcome import PLACEHOLDER
from ..objects.documents import DEFINITION
from ..objects.entry_faults import ERC
from ..objects.mentions import Mentions, unmet
from ..ports import Installation
from .comparing import documents_of
from .run import Run


def mentions_at(installation: Installation, entity_type: EntityType) -> Mentions | None:
    """Return the mentions for an import; None where the target tells by itself.

    Raises:
        InstallationError: The installation does not answer.
    """
    if entity_type.name != DEFINITION or entity_type.open:
        return None
    return Mentions.beside(documents_of(installation, (ERC,)))


def settle_placeholders(run: Run, installation: Installation) -> None:
    """Tell which documents are still missing, in place of how many named some.

    Args:
        run: Its notes say that placeholders were made, or its mentions what was named.
        installation: The target.

    Raises:
        InstallationError: It does not answer.
    """
    if PLACEHOLDER in run.notes:
        missing = unmet(documents_of(installation))
        del run.notes[PLACEHOLDER]
    else:
        missing = run.mentions.missing if run.mentions else []
    if missing:
        told = ", ".join(f"{kind} {code}" for kind, code in missing)
        run.remarks.append(
            f"Named by others, but not here yet: {told}. Empty ones were made, to be "
            "filled when they come."
        )
