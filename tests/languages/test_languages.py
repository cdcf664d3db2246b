"""The language in use, its texts and its numbers."""

from __future__ import annotations

import pickle
from dataclasses import replace
from threading import Thread

import pytest

from dmc_widgets.center import known_files
from dmc_widgets.languages import (
    choose_language,
    current_language,
    format_decimal,
    format_number,
    gettext,
    lazy,
    ngettext,
    parse_accept_language,
    resolve,
    set_language,
    translate_script,
    using_language,
)
from dmc_widgets.model.entity_type import Field
from dmc_widgets.model.plan import Action
from dmc_widgets.model.preview import (
    FIRST_RECORDS,
    FROM_ALL_OVER,
    FROM_THE_FIRST,
    WHOLE_FILE,
    SampleExtent,
    SamplingMethod,
)
from dmc_widgets.model.reason import Reason
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, UpdateStrategy
from dmc_widgets.model.task import TaskStatus
from dmc_widgets.states import model_words
from dmc_widgets.states.model_words import translate_reason
from dmc_widgets.tasks.imports import entity_suggestions, mapping_suggestions
from dmc_widgets.tasks.imports.entity_suggestions import KNOWN_COLUMNS


@pytest.mark.parametrize(
    ("preferred", "code"),
    [
        (["de-AT", "en"], "de"),
        (["fr-CA", "es-MX", "en"], "es"),
        (["DE_de"], "de"),
        (["ar-XB"], "ar-XB"),
        (["fr", "*"], "en"),
        ([], "en"),
    ],
)
def test_the_first_preferred_language_that_there_is_is_chosen(
    preferred: list[str], code: str
) -> None:
    assert choose_language(preferred).code == code


@pytest.mark.parametrize(
    ("header", "codes"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", ["de-DE", "de", "en"]),
        ("en;q=0.5, es", ["es", "en"]),
        ("de;q=0, es;q=x, en;q=0.1", ["en"]),
        ("", []),
    ],
)
def test_languages_of_a_request_are_sorted_by_weight(
    header: str, codes: list[str]
) -> None:
    assert parse_accept_language(header) == codes


def test_each_request_has_its_language_while_others_have_theirs() -> None:
    """A server asks within a block; neither another thread nor the process sees it."""
    seen = []
    with using_language("de"):
        thread = Thread(target=lambda: seen.append(current_language().code))
        thread.start()
        thread.join()
        assert gettext("Tasks") == "Aufgaben"

    assert seen == ["en"]
    assert gettext("Tasks") == "Tasks"


def test_a_kernel_has_one_language_on_all_threads() -> None:
    """Widgets handle messages on any thread."""
    seen = []
    set_language("es")
    try:
        thread = Thread(target=lambda: seen.append(gettext("Tasks")))
        thread.start()
        thread.join()
    finally:
        set_language("en")

    assert seen == ["Tareas"]


def test_only_lazy_texts_are_translated_where_they_are_shown() -> None:
    """A field of a server that is called *Status* is not ours."""
    with using_language("es"):
        assert resolve(lazy("Status")) == "Estado"
        assert resolve("Status") == "Status"
        assert gettext("") == ""


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("en", 1_240, "1,240"),
        ("de", 1_240, "1.240"),
        ("es", 1_240, "1240"),
        ("es", 12_400, "12.400"),
        ("de", -1_240_000, "-1.240.000"),
    ],
)
def test_thousands_are_grouped_as_the_language_does(
    code: str, number: int, text: str
) -> None:
    with using_language(code):
        assert format_number(number) == text


def test_decimals_follow_the_mark_of_the_language() -> None:
    with using_language("de"):
        assert format_decimal(1_240.25, 1) == "1.240,2"
    assert format_decimal(0.5, 1) == "0.5"


def test_a_plural_has_the_form_of_its_number() -> None:
    with using_language("de"):
        words = [ngettext("{count} record", "{count} records", n) for n in (1, 2)]

    assert words == ["{count} Datensatz", "{count} Datensätze"]


def test_a_script_gets_the_texts_that_it_shows() -> None:
    script = 't("Next page"); tn("{count} entry", "{count} entries", 3); start("Tasks")'

    assert translate_script(script) == {"code": "en", "dir": "ltr"}
    with using_language("de"):
        sent = translate_script(script)
    assert sent["texts"] == {
        "Next page": "Nächste Seite",
        "{count} entry": ["{count} Eintrag", "{count} Einträge"],
    }
    assert (sent["forms"][:3], sent["forms"][100:103]) == ("101", "111")


def test_the_mirrored_language_is_written_from_right_to_left() -> None:
    with using_language("ar-XB"):
        assert translate_script("")["dir"] == "rtl"


def test_every_word_of_the_model_that_people_read_is_marked() -> None:
    assert set(model_words.STATUSES) == {status.value for status in TaskStatus}
    assert set(model_words.ACTIONS) == {action.value for action in Action}
    labels = [
        one.label
        for kind in (ImportStrategy, UpdateStrategy, ErrorStrategy)
        for one in kind
    ]
    assert set(model_words.STRATEGIES) == set(labels)


def test_reasons_of_suggestions_are_in_the_language_of_the_page() -> None:
    """Numbers as well; a reason of others stays as it is."""
    reason = Reason(KNOWN_COLUMNS, number=1_200, total=1_240)

    assert reason == "1,200 of 1,240 columns are its fields"
    assert pickle.loads(pickle.dumps(reason)).values == reason.values
    with using_language("de"):
        assert translate_reason(reason) == "1.200 von 1.240 Spalten sind Felder davon"
        assert translate_reason("used before") == "früher verwendet"
        assert translate_reason("by {hand}") == "by {hand}"


def test_every_reason_can_be_translated() -> None:
    modules = (mapping_suggestions, entity_suggestions, known_files)
    names = (
        "SAME_",
        "USED_",
        "OTHER_",
        "SWAPPED_",
        "SIMILAR",
        "KNOWN_",
        "NAMED_",
        "STATED",
    )
    reasons = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.startswith(names) and isinstance(value, str)
    }

    assert reasons == set(model_words.REASONS)


def test_every_sentence_on_a_sample_can_be_translated() -> None:
    templates = (*WHOLE_FILE, *FIRST_RECORDS, *FROM_ALL_OVER, *FROM_THE_FIRST)
    assert templates == model_words.SAMPLES
    part = SampleExtent(
        sampling=SamplingMethod.BY_NUMBER,
        shown=20,
        records_read=2_000,
        bytes_read=1,
        records_about=40_000,
        complete=False,
    )
    whole = replace(part, shown=4, records_about=4, complete=True)
    with using_language("de"):
        assert translate_reason(part.sentence("a.csv")) == (
            "Angezeigt werden 20 von etwa 40.000 Datensätzen von a.csv, ausgewählt aus "
            "den ersten 2.000."
        )
        assert translate_reason(whole.sentence("a.csv")) == (
            "Angezeigt werden alle 4 Datensätze von a.csv."
        )


@pytest.mark.parametrize(
    ("code", "label"),
    [("de", "Titel"), ("de-AT", "Überschrift"), ("es", "Title"), ("en", "Title")],
)
def test_a_field_has_its_label_in_the_language_of_the_page(
    code: str, label: str
) -> None:
    others = (("de_DE", "Titel"), ("de_AT", "Überschrift"))
    field = Field(name="title", label="Title", other_labels=others)

    assert field.label_in(code) == label
    assert field.label_in("de_CH") == "Titel"


HEBREW = "\u05d0\u05d3\u05d4"


@pytest.mark.parametrize(
    ("code", "name", "shown"),
    [
        pytest.param("en", "Ada", "Remove Ada?", id="no-direction-of-its-own"),
        pytest.param("en", HEBREW, f"Remove \u2068{HEBREW}\u2069?", id="right-to-left"),
        pytest.param(
            "en", "\u202egpj.exe", "Remove \u2068\ufffdgpj.exe\u2069?", id="override"
        ),
        pytest.param(
            "en", "a\u2069\u2067b", "Remove \u2068a\ufffd\ufffdb\u2069?", id="ends-ours"
        ),
        pytest.param(
            "en", "a\u2067b\u2069", "Remove \u2068a\u2067b\u2069\u2069?", id="balanced"
        ),
        pytest.param("ar-XB", "Ada", "Remove \u2068Ada\u2069?", id="page-from-right"),
        pytest.param("ar-XB", "1,240", "Remove 1,240?", id="number"),
    ],
)
def test_a_name_within_a_sentence_does_not_reorder_it(
    code: str, name: str, shown: str
) -> None:
    """Whatever is put into a message is isolated; nobody has to think of it."""
    with using_language(code):
        assert gettext("Remove {name}?").format(name=name) == shown
        assert resolve(lazy("Remove {name}?")).format(name=name) == shown
        assert ngettext("Remove {name}?", "", 1).format(name=name) == shown


def test_what_is_isolated_stays_so_in_another_sentence() -> None:
    inner = gettext("{name} was added.").format(name=HEBREW)

    assert gettext("Error: {message}").format(message=inner) == (
        f"Error: \u2068\u2068{HEBREW}\u2069 was added.\u2069"
    )
