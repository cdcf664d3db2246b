"""The words of the model that people read, in the language in use.

Enumerations of the model have the words of Liferay and of the command line as their
values, which must not change with the language. Pages translate them here.
"""

from __future__ import annotations

from ..languages import format_number, gettext, lazy
from ..model.task import Counts

STATUSES = (
    lazy("Inactive"),
    lazy("Queued"),
    lazy("Running"),
    lazy("Completed"),
    lazy("Failed"),
    lazy("Partially Completed"),
    lazy("Cancelled"),
    lazy("Paused"),
)
ACTIONS = (
    lazy("Export"),
    lazy("Import"),
    lazy("Migration"),
    lazy("Verification"),
    lazy("Undo"),
    lazy("Backup"),
)
PLACES = (
    lazy("Embedded Database"),
    lazy("Liferay Server"),
)
OUTCOMES = (
    lazy("created"),
    lazy("updated"),
    lazy("unchanged"),
    lazy("skipped"),
    lazy("failed"),
    lazy("unknown"),
)
STRATEGIES = (
    lazy("Only Add New Records"),
    lazy("Add or Update Records"),
    lazy("Only Update Records"),
    lazy("Overwrite Records"),
    lazy("Update Changed Record Fields"),
    lazy("Merge Records"),
    lazy("Stop the Import on Error"),
    lazy("Continue on Error"),
)


def translate_word(value: str) -> str:
    """Return a word of the model as it is shown.

    >>> translate_word(TaskStatus.COMPLETED)
    'Abgeschlossen'
    """
    return gettext(str(value))


def describe_counts(counts: Counts) -> str:
    """Return the numbers of records by outcome: ``3 created, 1 failed``."""
    numbers = [(getattr(counts, kind), kind) for kind in OUTCOMES]
    found = [
        f"{format_number(number)} {gettext(kind)}" for number, kind in numbers if number
    ]
    return ", ".join(found) or gettext("no records")
