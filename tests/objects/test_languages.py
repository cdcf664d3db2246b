"""Languages are written ``en_US`` or ``en-US``; Liferay takes both."""

from __future__ import annotations

import pytest

from dmc_widgets.objects.languages import (
    to_language_id,
    to_language_tag,
    write_label_languages,
    write_languages,
)


@pytest.mark.parametrize(
    ("key", "language_id", "tag"),
    [
        ("en_US", "en_US", "en-US"),
        ("en-US", "en_US", "en-US"),
        ("de", "de", "de"),
        ("zh_CN", "zh_CN", "zh-Hans-CN"),
        ("zh-Hans-CN", "zh_CN", "zh-Hans-CN"),
        ("zh_TW", "zh_TW", "zh-Hant-TW"),
        ("", "", ""),
        ("Not a-language", "Not a-language", "Not a-language"),
    ],
)
def test_keys_are_written_in_both_ways(key: str, language_id: str, tag: str) -> None:
    """The tags are those of Liferay's ``LocaleUtil.toBCP47LanguageId``."""
    assert (to_language_id(key), to_language_tag(key)) == (language_id, tag)


def test_key_that_is_written_right_counts_beside_the_other_one() -> None:
    texts = {"en_US": "right", "en-US": "other"}

    assert write_languages(texts, to_language_id) == {"en_US": "right"}
    assert write_languages(texts, to_language_tag) == {"en-US": "other"}
    assert write_languages("text", to_language_id) == "text"


def test_labels_at_every_depth_are_written_and_nothing_else() -> None:
    definition = {
        "label": {"en-US": "A"},
        "name": "x-Y",
        "objectActions": [{"parameters": {"de-DE": "kept"}, "label": {"de-DE": "B"}}],
        "objectLayouts": [
            {"name": {"en-US": "C"}, "objectLayoutTabs": [{"name": {"en-US": "D"}}]}
        ],
        "status": {"label": "approved"},
    }

    assert write_label_languages(definition) == {
        "label": {"en_US": "A"},
        "name": "x-Y",
        "objectActions": [{"parameters": {"de-DE": "kept"}, "label": {"de_DE": "B"}}],
        "objectLayouts": [
            {"name": {"en_US": "C"}, "objectLayoutTabs": [{"name": {"en_US": "D"}}]}
        ],
        "status": {"label": "approved"},
    }


def test_what_is_written_right_already_is_returned_itself() -> None:
    definition = {"label": {"en_US": "A"}, "objectFields": [{"label": {"en_US": "B"}}]}

    assert write_label_languages(definition) is definition
