"""All error codes with their meanings, and how to recognise a code in Liferay's texts.

The codes of records that fail before they reach an installation (in a file or in a
mapping) are listed, too. Their texts are written where the case is known.
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
    problem_type for table in PROBLEM_TYPE_TABLES for problem_type in table
)

RECORD_CODES: Final[dict[str, str]] = {
    "required": "a required field has no value",
    "required-language-id": (
        "a required localized field has no value in the default language"
    ),
    "invalid-language-id": "the key of a translation is not a language such as `en_US`",
    "read-only": "a new value for a field that the definition calls read-only",
    "exceeds-text-max-length": "a text is longer than its field allows",
    "exceeds-integer-size": "not a whole number of 32 bits",
    "exceeds-long-size": "not a whole number",
    **dict.fromkeys(
        ("exceeds-long-max-size", "exceeds-long-min-size"),
        "a whole number beyond what the field holds",
    ),
    "invalid-value": "a value of a type that the field does not accept",
    "invalid-date": "not a date in ISO 8601",
    "invalid-email-address": "not an email address",
    "blocked-email-address-domain": "the field does not accept that domain",
    "invalid-phone-number": "not a phone number",
    "list-type-entry": (
        "no entry of the picklist, or more than one, has that key or name"
    ),
    "invalid-object-state-transition": "the state flow does not allow the change",
    "unique-value-constraint-violation": "another entry already has the value",
    "must-not-be-duplicate": "a value occurs twice where Liferay accepts it once",
    "one-to-one-constraint-violation": (
        "the parent already has its only child; move or unlink that child first"
    ),
    "no-such-related-object-entry": (
        "the entry that a relationship refers to does not exist; import parents first"
    ),
    "not-allowed-standalone-object-entry": (
        "Liferay accepts the entry only as part of its parent"
    ),
    "duplicate-external-reference-code": "`INSERT`, and the entry exists",
    "no-such-object-entry": "`UPDATE`, and the entry does not exist",
    "invalid-external-reference-code": "not a text, or longer than 75 characters",
    "object-entry-status": (
        "a draft, and the object has no drafts; or neither a draft nor approved"
    ),
    "object-entry-scope": "an entry of a site, and no site was named",
    "no-such-site": "an entry of an unknown site; see *Sites*",
    "missing-permission": "the user may not do that; a role has to allow it",
    "request-too-large": (
        "the server, or a proxy in front of it, accepts no request as large as this "
        "record; raise its upload limit"
    ),
    "nested-children": (
        "the record holds entries of its children; import them as records of their own"
    ),
    "invalid-file": "the content of a file is not Base64, or the file has no name",
    "invalid-file-extension": "the field does not accept files of that extension",
    "exceeds-max-file-size": "the file is larger than the field accepts",
    "no-such-file-entry": (
        "an attachment refers to a missing file, and includes no content"
    ),
    "not-restored": (
        "an undo has sent the former values to a server, and it stores others"
    ),
    "encryption-impossible": (
        "a value for an Encrypted field, and the key is missing, malformed or another "
        "one; see *Secrets*"
    ),
    "formula-not-understood": (
        "a Formula field uses more than arithmetic on number fields; it reads as null"
    ),
    "mapping-error": "the mapping cannot use the value of the record",
    **dict.fromkeys(
        ("lookup-without-result", "lookup-ambiguous"),
        "no entry, or more than one, has the value that a relationship is looked up by",
    ),
    "match-ambiguous": "more than one entry has the key by which records are matched",
    "match-conflict": (
        "no entry has the key by which records are matched, and another one has the "
        "record's external reference code"
    ),
    "match-without-result": "`UPDATE`, and no entry has the key of the record",
    "match-without-value": (
        "the record has no usable value of the key by which records are matched"
    ),
    "parent-comes-later": (
        "the parent is further down in the same file, and the import ended before the "
        "record was tried again"
    ),
    "unreadable-record": "the content of the file at that place is not a record",
    "refused": "the installation refused the record and gave no reason",
    "deletion-not-allowed": (
        "overwriting the document would delete parts that only the target has, with "
        "the values of entries; allow deletions, or merge"
    ),
    **dict.fromkeys(
        ("name-null", "key-null", "label-null", "scope-null"),
        "a required name, key, label or scope is missing",
    ),
    **dict.fromkeys(
        (
            "invalid-name",
            "invalid-key",
            "invalid-scope",
            "invalid-type",
            "invalid-field",
        ),
        "a name, key, scope, type or field setting is invalid",
    ),
    **dict.fromkeys(
        ("duplicate-name", "duplicate-key"),
        "the name or the key is in use",
    ),
    "no-parent": (
        "a part that names no definition or picklist that it belongs to; see *Parts of "
        "definitions and picklists*"
    ),
    "builtin": "every installation of Liferay has this document",
    "reserved-name": "Liferay reserves the name of the field",
    "not-found": "`UPDATE`, and the item does not exist",
    "required-object-relationship": (
        "other entries or definitions refer to this as their parent, and the "
        "relationship prevents the deletion"
    ),
    "no-field": "a definition without fields cannot be published",
    **dict.fromkeys(
        ("not-published", "published"),
        "the state of the definition does not allow this",
    ),
    **dict.fromkeys(
        ("storage-type", "system-definition"),
        "external storage and system definitions cannot be imported",
    ),
    "unknown-property": "Liferay does not know the property",
    "unsupported-placeholder": (
        "a placeholder of Liferay's packages, such as `[$FOR_EACH_LANGUAGE_ID$]`, is "
        "not filled in; state what it stands for"
    ),
}
"""The codes of failed records with their meanings, as the reference shows them."""

STOPPING_CODES: Final[dict[str, str]] = {
    "unknown-name": (
        "no installation, entity type, field, format, template or task has that name"
    ),
    "name-taken": "a template already has that name",
    "not-supported": "the installation or format cannot do this; the message says more",
    "not-permitted": (
        "the user of a shared workspace lacks a role; the message names it"
    ),
    "invalid-plan": "a choice is missing, or two exclude each other",
    "unknown-choice": "a word is not one of the choices, which the message lists",
    "invalid-query": (
        "a filter or an order cannot be understood; the message names the character"
    ),
    "file-unreadable": "the file is not what its name promises",
    "file-broken": "the file is damaged; the message says from where on",
    "refused": "the installation refused the request, and would refuse it again",
    "unreachable": "the installation gave no usable answer; try again later",
    "target-changed": (
        "a record would end otherwise than the dry run has shown; do it again"
    ),
    "workers-lost": (
        "the workers of a divided import ended again and again; choose fewer of them"
    ),
    "disk-full": "there is not enough space for a file",
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
        text: The text, with ``{names}`` as placeholders.
        source: Who wrote the text.
        exceptions: The full names of the classes that Liferay throws with it.
        is_reported: True if an embedded installation reports the text. Otherwise it
            is only recognised when Liferay reports it.
    """

    text: str
    source: TextSource
    exceptions: tuple[str, ...]
    is_reported: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One code: of a failed record, or of what stops a task.

    Attributes:
        code: The code as reports show it: ``required``.
        meaning: The meaning, in one line.
        stops: True if it stops a task or keeps it from starting; False if it fails a
            record.
        status: The HTTP status of Liferay's REST API for a record: 400, 403 or 404.
        texts: The texts of installations. Empty for failures in files and mappings,
            and for what stops a task, because those texts depend on the case.
    """

    code: str
    meaning: str
    stops: bool = False
    status: int = 400
    texts: tuple[CatalogueText, ...] = ()


@cache
def error_catalogue() -> tuple[CatalogueEntry, ...]:
    """Return every code, starting with those that stop a task."""
    texts: dict[str, list[CatalogueText]] = {}
    for problem_type in PROBLEM_TYPES:
        text = CatalogueText(
            text=problem_type.text,
            source=problem_type.source,
            exceptions=problem_type.exceptions,
            is_reported=not isinstance(
                problem_type, RemoteEntryProblemType | RemoteDocumentProblemType
            ),
        )
        texts.setdefault(problem_type.code, []).append(text)
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
    """Return the code of one of Liferay's exceptions; empty for an unknown class.

    Args:
        text: The full name of the class, as failed items show it. What follows after
            a colon or a blank is ignored.
    """
    name = re.split(r"[:\s]", text.strip(), maxsplit=1)[0]
    return _by_exception().get(name, "")


def exception_name_of(problem: Problem, kind: str = "") -> str:
    """Return the class that Liferay would throw; empty where it is unknown.

    Args:
        problem: The problem of an item.
        kind: The name of the item's kind, which decides between classes with the same
            text: ``ObjectField``.
    """
    candidates = (*_matching(problem.as_liferay), *PROBLEM_TYPES)
    names = [
        name
        for problem_type in candidates
        if problem_type.code == problem.code
        for name in problem_type.exceptions
    ]
    own = (name for name in names if kind and kind in name.rpartition(".")[2])
    return next(own, names[0] if names else "")


def parse_problem(message: str) -> Problem | None:
    """Recognise a problem in a message of Liferay: by its text or by its class.

    Returns:
        The problem, with its field where the text names it; None for other messages.
    """
    name, _, rest = message.partition(": ")
    stripped = rest if code_of_exception(name) and rest else message
    for problem_type in _matching(stripped):
        match = _pattern(problem_type).fullmatch(stripped)
        named = match.groupdict() if match else {}
        return Problem(problem_type.code, stripped, named.get("field") or "")
    code = code_of_exception(message)
    return Problem(code, message) if code else None


@cache
def _by_exception() -> dict[str, str]:
    return {
        name: problem_type.code
        for problem_type in PROBLEM_TYPES
        for name in problem_type.exceptions
    }


def _matching(message: str) -> Iterable[ProblemType]:
    """Return the types whose text matches *message*, the most specific first."""
    return [
        problem_type
        for problem_type in _sort_by_literal_length()
        if _pattern(problem_type).fullmatch(message)
    ]


@cache
def _sort_by_literal_length() -> list[ProblemType]:
    """Sort by the number of letters outside placeholders, without types of none."""
    weights = {
        problem_type: sum(
            len(literal) for literal, *_ in Formatter().parse(problem_type.text)
        )
        for problem_type in PROBLEM_TYPES
    }
    specific = [problem_type for problem_type in PROBLEM_TYPES if weights[problem_type]]
    return sorted(specific, key=lambda problem_type: -weights[problem_type])


@cache
def _pattern(problem_type: ProblemType) -> re.Pattern[str]:
    """Compile a text into a pattern; a repeated placeholder matches the same."""
    seen: set[str] = set()
    parts = []
    for literal, name, *_ in Formatter().parse(problem_type.text):
        parts.append(re.escape(literal))
        if name:
            parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(parts), re.DOTALL)
