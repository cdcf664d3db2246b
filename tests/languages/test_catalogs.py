"""Every text of ours has a translation, and a translation keeps what is put in."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from dmc_widgets.languages import LANGUAGES
from dmc_widgets.languages.catalogs import FOLDER, read_entries
from dmc_widgets.languages.scripts import list_messages, list_plurals

PACKAGE = FOLDER.parent
SCRIPTS = PACKAGE / "widgets" / "controls"
CATALOGS = sorted(FOLDER.glob("*.po"))
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(["_", "gettext", "lazy", "t"]),
    **dict.fromkeys(["ngettext", "tn"], (1, 2)),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
METHODS = [("**.py", "python"), ("widgets/controls/**.js", "javascript")]


@cache
def messages() -> dict[Any, set[str]]:
    """Return the messages of the source, and the files that they stand in."""
    found: dict[Any, set[str]] = {}
    for file, _line, message, _comments, context in extract_from_dir(
        PACKAGE, METHODS, keywords=KEYWORDS
    ):
        found.setdefault((context, message), set()).add(file)
    return found


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def test_no_message_stands_in_a_formatted_text() -> None:
    """Neither Babel nor a person finds it there."""
    functions = {"_", "gettext", "lazy", "ngettext", "pgettext"}
    hidden = [
        f"{path.relative_to(PACKAGE)}:{call.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in functions
        if isinstance(call.args[0], ast.Constant)
    ]

    assert hidden == []


def texts(value: Any) -> tuple[str, ...]:
    """Return a message or a translation as its forms."""
    return (value,) if isinstance(value, str) else tuple(value)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{[^}]*\}|</?\w+[^>]*>", text))


def test_each_offered_language_has_a_catalog() -> None:
    offered = [one.code for one in LANGUAGES if one.is_offered and one.code != "en"]

    assert [path.stem for path in CATALOGS] == sorted(offered) == ["de", "es"]


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_every_message_of_the_source_is_translated(path: Path) -> None:
    """`make messages` adds what is missing here, for somebody to translate."""
    catalog = read(path)

    missing = [
        (message, files)
        for (context, message), files in messages().items()
        if (found := catalog.get(message, context)) is None
        or not all(texts(found.string))
    ]

    assert missing == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_no_message_is_left_that_the_source_lost(path: Path) -> None:
    left = [
        message.id
        for message in read(path)
        if message.id and (message.context, message.id) not in messages()
    ]

    assert left == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_a_translation_has_the_placeholders_and_markup_of_its_message(
    path: Path,
) -> None:
    """A hole that the code does not fill would fail when the text is shown."""
    different = []
    for message in read(path):
        ids, strings = texts(message.id), texts(message.string)
        allowed = [placeholders(form) for form in ids]
        if ids[0] and any(placeholders(string) not in allowed for string in strings):
            different.append((message.id, message.string))

    assert different == []


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.stem)
def test_a_catalog_is_read_as_babel_reads_it(path: Path) -> None:
    ours = dict(read_entries(path.read_text(encoding="utf-8")))

    theirs = {}
    for message in read(path):
        ids, strings = texts(message.id), texts(message.string)
        context = f"{message.context}\x04" if message.context else ""
        theirs[context + "\0".join(ids)] = "\0".join(strings)

    assert {**ours, "": ""} == {**theirs, "": ""}


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.js")), ids=lambda p: p.stem)
def test_the_kernel_finds_the_texts_of_a_script_as_babel_does(path: Path) -> None:
    """They are sent by a pattern; an escape or a template in a call would escape it."""
    source = path.read_text(encoding="utf-8")
    extracted = {key for key, files in messages().items() if _holds(files, path)}

    found: set[Any] = {(None, message) for message in list_messages(source)}
    found |= {(None, pair) for pair in list_plurals(source)}

    assert found == extracted


def _holds(files: set[str], path: Path) -> bool:
    return any((PACKAGE / file) == path for file in files)
