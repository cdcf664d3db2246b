"""Every code that there is, and how to find one by what Liferay says.

Codes of records that fail before they reach an installation (in a file, in a
mapping) are listed, too; their texts are written where the case is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Final

from ...model.outcome import Problem
from .document_problem_types import (
    DocumentProblemType,
    NameProblemType,
    RemoteDocumentProblemType,
)
from .entry_problem_types import EntryProblemType, RemoteEntryProblemType
from .problem_type import ProblemType, TextSource

PROBLEM_TYPE_TABLES: Final[tuple[type[ProblemType], ...]] = (
    EntryProblemType,
    RemoteEntryProblemType,
    NameProblemType,
    DocumentProblemType,
    RemoteDocumentProblemType,
)
PROBLEM_TYPES: Final[tuple[ProblemType, ...]] = tuple(
    each for table in PROBLEM_TYPE_TABLES for each in table
)

RECORD_CODES: Final[dict[str, str]] = {
    "required": "a required field has no value",
    "required-language-id": (
        "a required localized field has no value in the default language"
    ),
    "invalid-language-id": "the key of a translation is no language, such as `en_US`",
    "read-only": "a new value for a field that the definition calls read-only",
    "exceeds-text-max-length": "a text is longer than its field allows",
    "exceeds-integer-size": "not a whole number of 32 bits",
    "exceeds-long-size": "not a whole number",
    **dict.fromkeys(
        ("exceeds-long-max-size", "exceeds-long-min-size"),
        "a whole number beyond what the field holds",
    ),
    "invalid-value": "a value of a kind that the field does not take",
    "invalid-date": "not a date in ISO 8601",
    "invalid-email-address": "not an email address",
    "blocked-email-address-domain": "the field does not take addresses of that domain",
    "invalid-phone-number": "not a phone number",
    "list-type-entry": (
        "no entry of the picklist, or more than one, has that key or name"
    ),
    "invalid-object-state-transition": "the state flow does not allow the change",
    "unique-value-constraint-violation": "another entry has the value already",
    "must-not-be-duplicate": "a value stands twice where Liferay takes it once",
    "one-to-one-constraint-violation": (
        "the parent has its one child already; move or unlink that child first"
    ),
    "no-such-related-object-entry": (
        "the entry that a relationship names is not there; import parents first"
    ),
    "not-allowed-standalone-object-entry": (
        "Liferay takes the entry only as part of its parent"
    ),
    "duplicate-external-reference-code": "`INSERT`, and the entry exists",
    "no-such-object-entry": "`UPDATE`, and the entry does not exist",
    "invalid-external-reference-code": "not a text, or longer than 75 characters",
    "object-entry-status": (
        "a draft, and the object has no drafts; or neither a draft nor approved"
    ),
    "object-entry-scope": "an entry of a site, and no site was named",
    "no-such-site": "an entry of a site that is not known; see *Sites*",
    "missing-permission": "the user may not do that; a role has to allow it",
    "nested-children": (
        "the record holds entries of its children; import them as records of their own"
    ),
    "invalid-file": "the content of an attachment is no Base64, or has no name",
    "invalid-file-extension": "the field does not accept files of that extension",
    "exceeds-max-file-size": "the file is larger than the field accepts",
    "no-such-file-entry": (
        "an attachment names a file that is not there, and brings no content"
    ),
    "encryption-impossible": (
        "a value for an Encrypted field, and no key, a malformed one or another "
        "one; see *Secrets*"
    ),
    "formula-not-understood": (
        "a Formula field uses more than arithmetic on number fields; it reads as null"
    ),
    "mapping-error": "the mapping cannot use the value of the record",
    **dict.fromkeys(
        ("lookup-without-result", "lookup-ambiguous"),
        "no entry, or more than one, has the value by which a relationship is looked "
        "up",
    ),
    "unreadable-record": "what stands in the file is no record",
    "refused": "the installation refused the record and gave no reason",
    **dict.fromkeys(
        ("name-null", "key-null", "label-null", "scope-null"),
        "something that must be there is not",
    ),
    **dict.fromkeys(
        (
            "invalid-name",
            "invalid-key",
            "invalid-scope",
            "invalid-type",
            "invalid-field",
        ),
        "something is there and not as it must be",
    ),
    **dict.fromkeys(
        ("duplicate-name", "duplicate-key"),
        "the name or the key is in use",
    ),
    "reserved-name": "Liferay keeps the name of the field for itself",
    "not-found": "`UPDATE`, and the item does not exist",
    "required-object-relationship": (
        "something still names this as its parent, and its relationship prevents the "
        "deletion"
    ),
    "no-field": "a definition without fields cannot be published",
    **dict.fromkeys(
        ("not-published", "published"),
        "the state of the definition does not allow this",
    ),
    **dict.fromkeys(
        ("storage-type", "system-definition"),
        "external storage and system definitions do not move",
    ),
    "unknown-property": "Liferay knows no such property",
    "unsupported-placeholder": (
        "a placeholder of Liferay's packages, such as `[$FOR_EACH_LANGUAGE_ID$]`, is "
        "not filled in; state what it stands for"
    ),
}
"""By code, in the words of the README."""

STOPPING_CODES: Final[dict[str, str]] = {
    "unknown-name": (
        "no installation, entity type, field, format, template or task has that name"
    ),
    "name-taken": "a template has that name already",
    "not-supported": "this cannot be done here; the message says what can",
    "invalid-plan": "a choice is missing, or two exclude each other",
    "unknown-choice": "a word is not one of the choices, which the message lists",
    "invalid-query": (
        "a filter or an order cannot be understood; the message names the character"
    ),
    "file-unreadable": "the file is not what its name promises",
    "file-broken": "the file is sound up to a place, which the message names",
    "refused": "the installation said no, and will say it again",
    "unreachable": "the installation gave no usable answer; a later one may",
    "disk-full": "there is no room for a file",
    "workspace-unusable": (
        "the workspace's folder cannot be read or written, or holds something else"
    ),
}
"""What stops a task or keeps it from starting: the leaves of :mod:`..errors`."""

_NOT_FOUND: Final = frozenset(
    {"no-such-file-entry", "no-such-object-entry", "not-found"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueText:
    """One text of a code.

    Attributes:
        text: With ``{names}`` of what differs from case to case.
        source: Whose words these are.
        exceptions: Full names of the classes that Liferay throws with it.
        said: It is said here; else it is only understood, when Liferay says it.
    """

    text: str
    source: TextSource
    exceptions: tuple[str, ...]
    said: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One code: of a failed record, or of what stops a task.

    Attributes:
        code: As it stands in reports: ``required``.
        meaning: One line.
        stops: It stops a task, or keeps it from starting; else it fails a record.
        status: What Liferay's REST API answers with for a record: 400, 403 or 404.
        texts: What an installation says of a record. None for failures in files and
            mappings, and for what stops a task: they say what was met.
    """

    code: str
    meaning: str
    stops: bool = False
    status: int = 400
    texts: tuple[CatalogueText, ...] = ()


@cache
def error_catalogue() -> tuple[CatalogueEntry, ...]:
    """Return every code, those of what stops a task first."""
    texts: dict[str, list[CatalogueText]] = {}
    for fault in PROBLEM_TYPES:
        text = CatalogueText(
            text=fault.text,
            source=fault.source,
            exceptions=fault.exceptions,
            said=not isinstance(
                fault, RemoteEntryProblemType | RemoteDocumentProblemType
            ),
        )
        texts.setdefault(fault.code, []).append(text)
    stopping = [
        CatalogueEntry(code=code, meaning=meaning, stops=True)
        for code, meaning in STOPPING_CODES.items()
    ]
    failing = [
        CatalogueEntry(
            code=code,
            meaning=meaning,
            status=http_status_of(code),
            texts=tuple(texts.get(code, ())),
        )
        for code, meaning in RECORD_CODES.items()
    ]
    return (*stopping, *failing)


def http_status_of(code: str) -> int:
    """Return the HTTP status that Liferay answers with; 400 for an unknown code."""
    if code == "missing-permission":
        return 403
    return 404 if code in _NOT_FOUND else 400


def code_of_exception(text: str) -> str:
    """Return the code for a class of Liferay's; empty where there is none.

    Args:
        text: The class's full name, as failed items show it; what follows behind a
            colon or a blank is left out.
    """
    name = re.split(r"[:\s]", text.strip(), maxsplit=1)[0]
    return _by_exception().get(name, "")


def exception_name_of(problem: Problem) -> str:
    """Return the class that Liferay would throw; empty where none is known."""
    text = problem.as_liferay
    found = [each for each in _matching(text) if each.code == problem.code]
    found += [fault for fault in PROBLEM_TYPES if fault.code == problem.code]
    return next((name for each in found for name in each.exceptions), "")


def parse_problem(message: str) -> Problem | None:
    """Understand what Liferay says: a text of the catalogue, or the name of a class.

    Returns:
        The problem, with the field where the text names it; None for other texts.
    """
    name, _, rest = message.partition(": ")
    stripped = rest if code_of_exception(name) and rest else message
    for fault in _matching(stripped):
        match = _pattern(fault).fullmatch(stripped)
        named = match.groupdict() if match else {}
        return Problem(fault.code, stripped, named.get("field") or "")
    code = code_of_exception(message)
    return Problem(code, message) if code else None


@cache
def _by_exception() -> dict[str, str]:
    return {name: fault.code for fault in PROBLEM_TYPES for name in fault.exceptions}


def _matching(message: str) -> Iterable[ProblemType]:
    """Find the faults whose text *message* may be, the most telling first."""
    return [
        each for each in _sort_by_literal_length() if _pattern(each).fullmatch(message)
    ]


@cache
def _sort_by_literal_length() -> list[ProblemType]:
    """Sort by the letters that stand in the text itself; a text without is no text."""
    weights = {
        fault: sum(len(literal) for literal, *_ in Formatter().parse(fault.text))
        for fault in PROBLEM_TYPES
    }
    telling = [fault for fault in PROBLEM_TYPES if weights[fault]]
    return sorted(telling, key=lambda each: -weights[each])


@cache
def _pattern(fault: ProblemType) -> re.Pattern[str]:
    """Turn the places of a text into groups; a name that comes again is the same."""
    seen: set[str] = set()
    parts = []
    for literal, name, *_ in Formatter().parse(fault.text):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
