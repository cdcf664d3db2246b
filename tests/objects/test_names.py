"""The rules of names, with the texts of Liferay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.objects.names import (
    check_label,
    check_name,
    derive_name,
    erc_field_name,
    guess_parent_name,
    relationship_field_name,
    relationship_name,
    rest_context_path,
)
from tests.java.tables import PLURALS, load

A41 = "A" + "b" * 40


@pytest.mark.parametrize(
    ("name", "upper", "message"),
    [
        pytest.param(None, True, "Name is null", id="null"),
        pytest.param("", True, "Name is null", id="empty"),
        pytest.param(
            "My Ticket", True, "Name must only contain letters and digits", id="blank"
        ),
        pytest.param(
            "C_Ticket",
            True,
            "Name must only contain letters and digits",
            id="prefix belongs to storage",
        ),
        pytest.param(
            "Straße", True, "Name must only contain letters and digits", id="not Latin"
        ),
        pytest.param(
            "ticket",
            True,
            "The first character of a name must be an upper case letter",
            id="definition in lower case",
        ),
        pytest.param(
            "1Ticket",
            True,
            "The first character of a name must be an upper case letter",
            id="digit first",
        ),
        pytest.param(
            "Title",
            False,
            "The first character of a name must be a lower case letter",
            id="field in upper case",
        ),
        pytest.param(
            f"{A41}c", True, "Name must be less than 41 characters", id="42 characters"
        ),
    ],
)
def test_invalid_name_is_refused_with_liferays_text(
    name: str | None, upper: bool, message: str
) -> None:
    fault = check_name(name, "name", upper=upper)

    assert fault is not None
    assert fault.message == message
    assert fault.field == "name"


@pytest.mark.parametrize(
    ("name", "upper"),
    [
        pytest.param(A41, True, id="41 characters, although the text says less"),
        pytest.param("Ticket2", True, id="definition"),
        pytest.param("dueDate2", False, id="field"),
        pytest.param("2Fold", None, id="folder"),
    ],
)
def test_valid_name_has_no_problem(name: str, upper: bool | None) -> None:
    assert check_name(name, "name", upper=upper) is None


def test_path_of_entries_is_liferays_plural_of_the_lower_cased_name() -> None:
    """The table was printed by Liferay's own class; see ``tests/java/tables.py``."""
    table = load(PLURALS)

    assert len(table) > 200
    assert [[name, rest_context_path(name)] for name, _ in table] == [
        [name, f"/o/c/{plural}"] for name, plural in table
    ]


@pytest.mark.parametrize(
    ("short_name", "path"),
    [
        ("Ability", "/o/c/abilities"),
        ("Box", "/o/c/boxes"),
        ("Branch", "/o/c/branches"),
        ("Index", "/o/c/indexes"),
        ("J3Y7Ticket", "/o/c/j3y7tickets"),
        ("JournalEntry", "/o/c/journalentries"),
        ("Key", "/o/c/keys"),
        ("Quiz", "/o/c/quizes"),
        ("Steps", "/o/c/stepses"),
        ("UrlToken", "/o/c/urltokens"),
        ("Wish", "/o/c/wishes"),
    ],
)
def test_path_of_entries(short_name: str, path: str) -> None:
    assert rest_context_path(short_name) == path


def test_relationship_field_is_named_by_relationship_and_parent() -> None:
    name = relationship_field_name("urlTokenRel", "UrlToken")

    assert name == "r_urlTokenRel_c_urlTokenId"
    assert erc_field_name(name) == "r_urlTokenRel_c_urlTokenERC"
    assert relationship_name(name) == "urlTokenRel"
    assert guess_parent_name(name) == "UrlToken"


def test_field_of_a_system_parent_names_no_custom_parent() -> None:
    assert relationship_name("r_userToCharacter_userId") == "userToCharacter"
    assert guess_parent_name("r_userToCharacter_userId") == ""
    assert erc_field_name("r_userToCharacter_userId") == "r_userToCharacter_userERC"


@pytest.mark.parametrize(
    ("labels", "language", "message"),
    [
        (None, "en_US", "Label is null for locale English (United States)"),
        (
            {"de_DE": "Karte"},
            "en_US",
            "Label is null for locale English (United States)",
        ),
        ({"en_US": "  "}, "de_DE", "Label is null for locale German (Germany)"),
        ({}, "xx_YY", "Label is null for locale xx_YY"),
    ],
)
def test_label_is_required_in_the_default_language(
    labels: dict[str, str] | None, language: str, message: str
) -> None:
    fault = check_label(labels, language, "label")

    assert fault is not None
    assert fault.message == message


def test_language_keys_may_have_a_hyphen() -> None:
    assert check_label({"en-US": "Card"}, "en_US", "label") is None


@pytest.mark.parametrize(
    ("erc", "taken", "name"),
    [
        ("TICKET", set(), "TICKET"),
        ("ticket-type", set(), "Tickettype"),
        ("60ae861c-1940-94b3", set(), "Object60ae861c194094b3"),
        ("ticket", {"Ticket", "Ticket2"}, "Ticket3"),
        ("---", set(), "Object"),
    ],
)
def test_name_is_derived_from_a_code(erc: str, taken: set[str], name: str) -> None:
    assert derive_name(erc, taken.__contains__) == name


@given(st.text(), st.integers(min_value=0, max_value=12))
def test_derived_name_always_passes_the_rules(text: str, clashes: int) -> None:
    taken: set[str] = set()
    for _ in range(clashes):
        taken.add(derive_name(text, taken.__contains__))

    name = derive_name(text, taken.__contains__)

    assert check_name(name, "name", upper=True) is None
    assert re.fullmatch("[A-Z][A-Za-z0-9]{0,40}", name)
    assert name not in taken
