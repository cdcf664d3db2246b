"""The words of the model that people read, in the language in use.

Enumerations of the model have the words of Liferay and of the command line as their
values, which must not change with the language. Pages translate them here.
"""

from __future__ import annotations

from ..languages import gettext, lazy

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
)


def translate_word(value: str) -> str:
    """Return a word of the model as it is shown.

    >>> translate_word(TaskStatus.COMPLETED)
    'Abgeschlossen'
    """
    return gettext(str(value))
