"""The words of the model that people read, in the language in use.

Enumerations of the model have the words of Liferay and of the command line as their
values, which must not change with the language. Pages translate them here.
"""

from __future__ import annotations

from ..languages import current_language, format_number, gettext, lazy
from ..model.entity_type import Field
from ..model.reason import Reason
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
    lazy("PostgreSQL Database"),
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
REASONS = (
    lazy("used before"),
    lazy("same name"),
    lazy("same as the label"),
    lazy("same name but for case and punctuation"),
    lazy("same as the label in another language"),
    lazy("same words but for the name of the entity type"),
    lazy("two letters are swapped in the name"),
    lazy("{percent} % similar to the name"),
    lazy("{percent} % similar to the label"),
    lazy("{percent} % similar"),
    lazy("same as the key"),
    lazy("same as the name"),
    lazy("same but for case and punctuation"),
    lazy("the file states it"),
    lazy("the file is named after it"),
    lazy("{number} of {total} columns are its fields"),
    lazy("{number} of {total} names in the file are its fields"),
    lazy("task {task} imported this file as it"),
    lazy("task {task} imported a file called {file} as it"),
    lazy("This file was imported into {installation} by task {task}."),
    lazy("A file called {file} was imported into {installation} by task {task}."),
)
SAMPLES = (
    lazy("There are no records in {name}."),
    lazy("Shown is the only record of {name}."),
    lazy("Shown are all {shown} records of {name}."),
    lazy("Shown are the first {shown} records of {name}."),
    lazy("Shown are the first {shown} of {number} records of {name}."),
    lazy("Shown are the first {shown} of about {number} records of {name}."),
    lazy("Shown are {shown} records from all over {name}."),
    lazy("Shown are {shown} of {number} records from all over {name}."),
    lazy("Shown are {shown} of about {number} records from all over {name}."),
    lazy("Shown are {shown} records of {name}, from among the first {read}."),
    lazy(
        "Shown are {shown} of {number} records of {name}, from among the first {read}."
    ),
    lazy(
        "Shown are {shown} of about {number} records of {name}, from among the first "
        "{read}."
    ),
)
WITHOUT_CHANGES = (
    lazy("It was not recorded what this task changed in stored items."),
    lazy("No stored value changes."),
)


def translate_word(value: str) -> str:
    """Return a word of the model as it is shown.

    >>> translate_word(TaskStatus.COMPLETED)
    'Abgeschlossen'
    """
    return gettext(str(value))


def shown_label(field: Field) -> str:
    """Return the label of a field in the language in use, or its name without one."""
    return field.label_in(current_language().code) or field.name


def translate_reason(reason: str) -> str:
    """Return why something is suggested, as it is shown.

    >>> translate_reason(Reason("{number} of {total} columns are its fields", …))
    '7 von 8 Spalten sind Felder davon'
    """
    if not isinstance(reason, Reason):
        return gettext(reason)
    values = {
        name: format_number(value) if isinstance(value, int) else value
        for name, value in reason.values.items()
    }
    return gettext(reason.template).format(**values)


def describe_counts(counts: Counts) -> str:
    """Return the numbers of records by outcome: ``3 created, 1 failed``."""
    numbers = [(getattr(counts, kind), kind) for kind in OUTCOMES]
    found = [
        f"{format_number(number)} {gettext(kind)}" for number, kind in numbers if number
    ]
    return ", ".join(found) or gettext("no records")
