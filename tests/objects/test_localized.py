"""Localized fields of entries: a plain value, a map by language, or both."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from orjson import dumps, loads

from dmc_widgets.model.outcome import NOTES, OTHER_TRANSLATION, Outcome, OutcomeKind
from dmc_widgets.model.strategies import Policy, UpdateStrategy
from dmc_widgets.objects.entries.decisions import EntryDecider
from dmc_widgets.objects.entries.item_builder import EntryRow, ItemBuilder
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.entries.stored_entries import BatchContext, StoredEntry
from dmc_widgets.objects.entries.validation import EntryRules
from dmc_widgets.objects.fields.localized import normalize_language_id

UPSERT = Policy()
PARTIAL = Policy(update_strategy=UpdateStrategy.PARTIAL_UPDATE)

BODY: dict[str, Any] = {
    "name": "Page",
    "defaultLanguageId": "de_DE",
    "objectFields": [
        {
            "name": "title",
            "businessType": "Text",
            "localized": True,
            "required": True,
            "objectFieldSettings": [
                {"name": "showCounter", "value": "true"},
                {"name": "maxLength", "value": "5"},
            ],
        },
        {
            "name": "note",
            "businessType": "LongText",
            "localized": "true",
            "objectFieldSettings": [
                {"name": "defaultValueType", "value": "inputAsValue"},
                {"name": "defaultValue", "value": "leer"},
            ],
        },
        {"name": "day", "businessType": "Date", "localized": True},
    ],
}
RULES = compile_entry_rules(7, BODY, {}, {})


def decide(
    item: dict[str, Any],
    policy: Policy = UPSERT,
    stored: dict[str, Any] | None = None,
    own: EntryRules = RULES,
) -> tuple[Outcome, dict[str, Any]]:
    """Decide one item; return its outcome and the body to write."""
    found = BatchContext()
    if stored is not None:
        found.entries["P"] = StoredEntry(1, 0, dumps(stored))
    ids = itertools.count(2).__next__
    decider = EntryDecider(own, policy, found, ids, lambda: "NEW")
    outcome = decider.decide(own.check({"externalReferenceCode": "P", **item}))
    bodies = [body for _, _, body in decider.changes.created.values()]
    bodies += [body for _, body in decider.changes.updated.values()]
    return outcome, loads(bodies[0]) if bodies else {}


def told(outcome: Outcome) -> tuple[str, str, str]:
    problem = outcome.problem
    return (
        (problem.code, problem.field, problem.as_liferay) if problem else ("", "", "")
    )


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        ({"title": "eins"}, {"de_DE": "eins"}),
        (
            {"title_i18n": {"de_DE": "eins", "en_US": "one"}},
            {"de_DE": "eins", "en_US": "one"},
        ),
        (
            {"title": "eins", "title_i18n": {"en-US": "one"}},
            {"de_DE": "eins", "en_US": "one"},
        ),
        ({"title": "zwei", "title_i18n": {"de_DE": "eins"}}, {"de_DE": "eins"}),
        ({"title": "eins", "title_i18n": None}, {"de_DE": "eins"}),
        ({"title": "eins", "title_i18n": ""}, {"de_DE": "eins"}),
        (
            {"title_i18n": '{"de_DE": "eins", "fr_FR": null}'},
            {"de_DE": "eins"},
        ),
    ],
    ids=["plain", "map", "both", "the-map-wins", "no-map", "blank-map", "json-text"],
)
def test_values_are_stored_by_language(
    item: dict[str, Any], kept: dict[str, str]
) -> None:
    outcome, body = decide({**item, "note": None})

    assert outcome._replace(note="") == Outcome(OutcomeKind.CREATED, "P")
    assert body == {"title": "eins", "title_i18n": kept}


def test_default_stands_for_the_default_language() -> None:
    _, left_out = decide({"title": "eins"})
    _, spoken_of = decide({"title": "eins", "note_i18n": {"en_US": "empty"}})

    assert left_out["note_i18n"] == {"de_DE": "leer"}
    assert spoken_of["note_i18n"] == {"en_US": "empty"}
    assert "note" not in spoken_of


STORED = {"title": "eins", "title_i18n": {"de_DE": "eins", "en_US": "one"}}


@pytest.mark.parametrize(
    ("item", "kept"),
    [
        ({"title": "zwei"}, {"de_DE": "zwei", "en_US": "one"}),
        (
            {"title_i18n": {"fr_FR": "un"}},
            {"de_DE": "eins", "en_US": "one", "fr_FR": "un"},
        ),
        ({"title_i18n": {"en_US": None}}, {"de_DE": "eins"}),
        (
            {"title": "zwei", "title_i18n": {"en_US": "two"}},
            {"de_DE": "zwei", "en_US": "two"},
        ),
        (
            {"title": "zwei", "title_i18n": None},
            {"de_DE": "zwei", "en_US": "one"},
        ),
        ({"title_i18n": {}, "day": "2024-01-05"}, STORED["title_i18n"]),
    ],
    ids=["plain", "new-language", "language-lost", "both", "null-map", "empty-map"],
)
def test_partial_update_keeps_the_other_languages(
    item: dict[str, Any], kept: dict[str, str]
) -> None:
    outcome, body = decide(item, PARTIAL, STORED)

    assert outcome.kind is OutcomeKind.UPDATED
    assert body["title_i18n"] == kept
    assert body["title"] == kept["de_DE"]


def test_replacing_removes_the_other_languages() -> None:
    _, body = decide({"title": "zwei", "note": None}, UPSERT, STORED)

    assert body == {"title": "zwei", "title_i18n": {"de_DE": "zwei"}}


def test_partial_update_keeps_a_value_from_before_localization() -> None:
    _, body = decide({"title_i18n": {"en_US": "one"}}, PARTIAL, {"title": "eins"})

    assert body["title_i18n"] == {"de_DE": "eins", "en_US": "one"}


def test_null_in_both_forms_clears_every_language() -> None:
    stored = STORED | {"note": "x", "note_i18n": {"de_DE": "x", "en_US": "y"}}

    _, body = decide({"note": None, "note_i18n": None}, PARTIAL, stored)

    assert body == STORED


@pytest.mark.parametrize(
    ("item", "code", "field", "message"),
    [
        (
            {},
            "required",
            "title",
            'No value was provided for required object field "title"',
        ),
        (
            {"title_i18n": {"en_US": "one"}},
            "required-language-id",
            "title",
            'No value was provided for the language ID "de_DE" in the required '
            'object field "title".',
        ),
        (
            {"title_i18n": {"de_DE": " ", "en_US": "one"}},
            "required-language-id",
            "title",
            'No value was provided for the language ID "de_DE" in the required '
            'object field "title".',
        ),
        (
            {"title_i18n": {"de_DE": "eins", "en_US": "longer"}},
            "exceeds-text-max-length",
            "title_i18n",
            "Object entry value exceeds the maximum length of 5 characters for "
            'object field "title" in the language "en_US"',
        ),
        (
            {"title": "länger"},
            "exceeds-text-max-length",
            "title",
            "Object entry value exceeds the maximum length of 5 characters for "
            'object field "title"',
        ),
        (
            {"title_i18n": {"english": "one"}},
            "invalid-language-id",
            "title_i18n",
            '"english" is not a language ID. Write it like "en_US" in the object field '
            '"title_i18n"',
        ),
        (
            {"title_i18n": {"en_US": "one", "en-US": "two"}},
            "invalid-language-id",
            "title_i18n",
            'The language ID "en_US" occurs twice in the object field "title_i18n". '
            "Keep one of them",
        ),
        (
            {"title_i18n": ["one"]},
            "invalid-value",
            "title_i18n",
            'The value is invalid for object field "title_i18n"',
        ),
        (
            {"title_i18n": "{"},
            "invalid-value",
            "title_i18n",
            'The value is invalid for object field "title_i18n"',
        ),
        (
            {"title": "eins", "title_i18n": {"en_US": "one"}, "day": "soon"},
            "invalid-date",
            "day",
            "Unable to parse date that does not conform to ISO-8601",
        ),
    ],
    ids=[
        "nothing",
        "other-languages-only",
        "blank-default-language",
        "too-long-in-one-language",
        "too-long-plain",
        "no-language",
        "twice",
        "no-map",
        "broken-json",
        "another-field",
    ],
)
def test_invalid_translations_are_refused(
    item: dict[str, Any], code: str, field: str, message: str
) -> None:
    outcome, _ = decide(item)

    assert told(outcome) == (code, field, message)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("en_US", "en_US"),
        ("en-US", "en_US"),
        ("nl", "nl"),
        ("sr_RS_latin", "sr_RS_latin"),
        ("zh_Hans_CN", "zh_Hans_CN"),
        ("EN_us", ""),
        ("en_US\n", ""),
        ("", ""),
        (5, ""),
    ],
)
def test_languages_are_written_as_liferay_does(text: Any, language: str) -> None:
    assert normalize_language_id(text) == language


def test_output_has_the_default_language_and_the_map() -> None:
    body = STORED | {"day": "2024-01-05", "day_i18n": {"de_DE": "2024-01-05"}}
    row = EntryRow(4, "P", 0, dumps(body), 0, 0)
    names = ["title", "title_i18n", "note", "note_i18n", "day_i18n"]

    (some,) = ItemBuilder(RULES, names).items([row], lambda *_: {}, lambda *_: {})
    (whole,) = ItemBuilder(RULES).items([row], lambda *_: {}, lambda *_: {})

    assert some == {
        "title": "eins",
        "title_i18n": {"de_DE": "eins", "en_US": "one"},
        "note": None,
        "note_i18n": None,
        "day_i18n": {"de_DE": "2024-01-05T00:00:00.000Z"},
    }
    assert {name: whole[name] for name in some} == some


def test_another_default_language_shows_the_value_of_that_language() -> None:
    english = compile_entry_rules(7, BODY | {"defaultLanguageId": "en_US"}, {}, {})
    row = EntryRow(4, "P", 0, dumps(STORED), 0, 0)

    (item,) = ItemBuilder(english, ["title"]).items([row], lambda *_: {}, lambda *_: {})
    _, body = decide({"day": "2024-01-05"}, PARTIAL, STORED, english)

    assert item == {"title": "one"}
    assert body["title"] == "one"


@pytest.mark.parametrize(
    ("item", "note"),
    [
        ({"title": "zwei", "title_i18n": {"de_DE": "eins"}}, OTHER_TRANSLATION),
        ({"title": "eins", "title_i18n": {"de_DE": "eins", "en_US": "one"}}, ""),
        ({"title": "one", "title_i18n": {"de_DE": "eins", "en_US": "one"}}, ""),
        ({"title": None, "title_i18n": {"de_DE": "eins"}}, ""),
        ({"title": "eins", "title_i18n": {}}, ""),
        ({"title": "eins", "title_i18n": {"en_US": "one"}}, ""),
    ],
    ids=["neither", "default", "another-language", "null", "empty-map", "fills"],
)
def test_text_that_differs_from_its_translations_is_noted(
    item: dict[str, Any], note: str
) -> None:
    """It is not followed, so an edit of it alone would be lost without a word."""
    outcome, _ = decide(item)

    assert (outcome.kind, outcome.note) == (OutcomeKind.CREATED, note)
    if note:
        assert NOTES[note].startswith("{count} had a text in a localized field")
