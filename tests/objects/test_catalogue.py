"""The catalogue of errors: one place for codes and texts, and a way to find them."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import dmc_widgets as dmc
from dmc_widgets import errors
from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.errors import entry_problems as entry_faults
from dmc_widgets.objects.errors.catalogue import (
    PROBLEM_TYPE_TABLES,
    PROBLEM_TYPES,
    RECORD_CODES,
    STOPPING_CODES,
    code_of_exception,
    error_catalogue,
    exception_name_of,
    http_status_of,
    parse_problem,
)
from dmc_widgets.objects.errors.document_problem_types import RemoteDocumentProblemType
from dmc_widgets.objects.errors.entry_problem_types import (
    EntryProblemType,
    RemoteEntryProblemType,
)
from dmc_widgets.objects.errors.problem_type import ProblemType

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dmc_widgets"
VALUES = "com.liferay.object.exception.ObjectEntryValuesException$"


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(called, ast.Name | ast.Attribute):
            stated = called.id if isinstance(called, ast.Name) else called.attr
            if stated == name and isinstance(node, ast.Call):
                yield node


def test_rules_create_problems_by_their_types_only() -> None:
    """`ProblemType.problem` is the one way: it keeps code and text together."""
    makers = {
        path.name
        for path in (PACKAGE / "objects").rglob("*.py")
        for _ in calls(path, "Problem")
    }

    assert makers == {"problem_type.py", "catalogue.py"}


def test_every_code_in_the_package_is_in_the_catalogue() -> None:
    """Codes of files and mappings too, which are stated where they are met."""
    stated = {
        call.args[0].value
        for path in PACKAGE.rglob("*.py")
        for call in calls(path, "Problem")
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    constants = re.compile(r'^_?CODE = "([a-z-]+)"', re.MULTILINE)
    for path in PACKAGE.rglob("*.py"):
        stated.update(constants.findall(path.read_text(encoding="utf-8")))

    assert stated - RECORD_CODES.keys() == set()


def test_every_text_has_a_code_with_a_meaning() -> None:
    assert {fault.code for fault in PROBLEM_TYPES} - RECORD_CODES.keys() == set()


def test_every_problem_type_is_used_unless_only_liferay_reports_it() -> None:
    """A text without a rule that reports it would be dead."""
    rules = "".join(
        path.read_text(encoding="utf-8")
        for room in ("objects", "installations")
        for path in (PACKAGE / room).rglob("*.py")
    )
    said = [
        table
        for table in PROBLEM_TYPE_TABLES
        if table not in {RemoteEntryProblemType, RemoteDocumentProblemType}
    ]

    unsaid = [
        f"{table.__name__}.{fault.name}"
        for table in said
        for fault in table
        if f"{table.__name__}.{fault.name}" not in rules
    ]

    assert unsaid == []


def test_no_text_and_no_member_occurs_twice() -> None:
    for table in PROBLEM_TYPE_TABLES:
        assert list(table.__members__) == [each.name for each in table]
    texts = Counter((fault.code, fault.text) for fault in PROBLEM_TYPES)
    assert [text for text, times in texts.items() if times > 1] == []


def test_exception_has_one_code() -> None:
    codes: dict[str, set[str]] = {}
    for fault in PROBLEM_TYPES:
        for name in fault.exceptions:
            assert name.startswith(("com.liferay.", "jakarta.ws.rs.")), name
            codes.setdefault(name, set()).add(fault.code)

    assert [name for name, each in codes.items() if len(each) > 1] == []


def test_stopping_codes_are_those_of_the_error_classes() -> None:
    tree = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.DmcError)
    }
    leaves = {
        each.code for each in tree if not tree.intersection(each.__subclasses__())
    }

    assert set(STOPPING_CODES) == leaves


def test_catalogue_is_public_and_complete() -> None:
    found = dmc.error_catalogue()

    assert [each.code for each in found] == [*STOPPING_CODES, *RECORD_CODES]
    (required,) = [each for each in found if each.code == "required"]
    assert (required.stops, required.status) == (False, 400)
    (text,) = required.texts
    assert (text.text, text.source, text.exceptions, text.is_reported) == (
        'No value was provided for required object field "{field}"',
        "liferay",
        (f"{VALUES}Required",),
        True,
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{VALUES}Required", "required"),
        (f"{VALUES}Required: No value was provided", "required"),
        (f" {VALUES}ListTypeEntry\n", "list-type-entry"),
        (
            "com.liferay.object.exception."
            "DuplicateObjectEntryExternalReferenceCodeException",
            "duplicate-external-reference-code",
        ),
        (
            "com.liferay.object.exception.ObjectFieldNameException$MustNotBeReserved",
            "reserved-name",
        ),
        ("java.lang.NullPointerException", ""),
        ("", ""),
    ],
)
def test_code_is_found_by_liferays_exception_class(text: str, code: str) -> None:
    assert code_of_exception(text) == code


@pytest.mark.parametrize(
    ("message", "code", "field"),
    [
        (
            'No value was provided for required object field "title"',
            "required",
            "title",
        ),
        (
            "Unique value constraint violation for O_1_Ticket.token_ with value a.b",
            "unique-value-constraint-violation",
            "token",
        ),
        (
            "Duplicate object entry with external reference code T, group ID 0, and "
            "object definition ID 7",
            "duplicate-external-reference-code",
            "",
        ),
        (
            "This external reference code is already in use.",
            "duplicate-external-reference-code",
            "",
        ),
        (
            "No ObjectEntry exists with the primary key 41969",
            "no-such-object-entry",
            "",
        ),
        (
            "No ObjectEntry exists with the external reference code a",
            "no-such-object-entry",
            "",
        ),
        (
            "No ObjectDefinition exists with the external reference code a",
            "not-found",
            "",
        ),
        ("Name is null", "name-null", ""),
        ("Name is null for locale English (United States)", "label-null", ""),
        ('The value is invalid for object field "a\nb"', "invalid-value", "a\nb"),
        (
            f"{VALUES}ExceedsIntegerSize: Object entry value exceeds integer field "
            "allowed size",
            "exceeds-integer-size",
            "",
        ),
        (f"{VALUES}InvalidValue", "invalid-value", ""),
    ],
)
def test_problem_is_recognised_in_liferays_message(
    message: str, code: str, field: str
) -> None:
    problem = parse_problem(message)

    assert problem is not None
    assert (problem.code, problem.field) == (code, field)
    assert message.endswith(problem.message)


def test_unknown_message_is_not_guessed() -> None:
    assert parse_problem("Something odd happened") is None
    assert parse_problem("") is None


@pytest.mark.parametrize(
    "fault",
    [
        fault for fault in PROBLEM_TYPES if fault is not EntryProblemType.FORMULA
    ],  # all of it is filled
    ids=lambda each: f"{each.code}-{each.name}",
)
def test_reported_text_is_recognised_again(fault: ProblemType) -> None:
    """Each text with something filled in finds its own code."""
    names = {name for _, name, *_ in Formatter().parse(fault.text) if name}
    said = fault.problem("f", None, **dict.fromkeys(names, "x-1"))

    problem = parse_problem(said.message)

    assert problem is not None
    assert problem.code == fault.code


def test_problem_has_the_class_that_liferay_would_throw() -> None:
    taken = entry_faults.duplicate_unique_value("Ticket", "token", "x")

    assert exception_name_of(taken) == f"{VALUES}UniqueValueConstraintViolation"
    assert exception_name_of(entry_faults.invalid_date("due", "x")) == ""
    assert exception_name_of(Problem("mapping-error", "The field")) == ""
    assert (
        exception_name_of(Problem("required", "In other words")) == f"{VALUES}Required"
    )


def test_missing_items_are_404_and_other_problems_400() -> None:
    statuses = {each.code for each in error_catalogue() if each.status == 404}

    assert statuses == {"no-such-file-entry", "no-such-object-entry", "not-found"}
    assert http_status_of("something-else") == 400
