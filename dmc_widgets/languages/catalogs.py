"""The catalogs of translated messages, and the functions that look into them.

The files are gettext's own, ``<code>.po``. They are read as they are when a language is
first used (some 20 ms), so that neither the wheel nor an editable installation needs a
step that compiles them, and no compiled file can be older than its source.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from .choice import current_language
from .isolation import Message
from .table import MARKED, Language

FOLDER = Path(__file__).parent

_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr)(?:\[\d\])? )?"(.*)"$')
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t"}
_MAGIC = 0x950412DE


def gettext(message: str) -> str:
    """Return a message in the language in use.

    A message is a whole sentence or label, with names for what is put in:

    >>> gettext("The task {name} has ended.").format(name=task.name)

    What is put in is isolated; see :mod:`.isolation`.
    """
    # The translation of the empty text is the head of the catalog.
    if not message:
        return ""
    return Message(load_catalog(current_language()).gettext(message))


def ngettext(one: str, many: str, number: int) -> str:
    """Return a message in the form that a number asks for.

    >>> ngettext("{count} task", "{count} tasks", number).format(count=…)
    """
    return Message(load_catalog(current_language()).ngettext(one, many, number))


def pgettext(context: str, message: str) -> str:
    """Return a message that means something else in another context."""
    return Message(load_catalog(current_language()).pgettext(context, message))


def npgettext(context: str, one: str, many: str, number: int) -> str:
    """Return a message of a context in the form that a number asks for."""
    catalog = load_catalog(current_language())
    return Message(catalog.npgettext(context, one, many, number))


@cache
def load_catalog(language: Language) -> NullTranslations:
    """Return the catalog of a language; one without a file has the source's texts."""
    if language == MARKED:
        return _MarkedTranslations()
    path = FOLDER / f"{language.code}.po"
    if not path.is_file():
        return NullTranslations()
    entries = dict(read_entries(path.read_text(encoding="utf-8")))
    return GNUTranslations(BytesIO(_compile(entries)))


def read_entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield the messages of a ``.po`` file with their translations, as gettext does.

    A context stands before its message and EOT, the forms of a plural have NUL between
    them. What is not translated is left out.
    """
    entry: dict[str, list[str]] = {}
    kind = ""
    for line in [*text.splitlines(), 'msgid ""']:
        found = _LINE.match(line)
        if found is None:
            continue  # a comment, an obsolete entry, or an empty line
        if found[1]:
            kind = found[1]
            if kind in {"msgctxt", "msgid"} and "msgstr" in entry:
                yield from _join(entry)
                entry = {}
            entry.setdefault(kind, []).append("")
        entry[kind][-1] += _ESCAPE.sub(_unescape, found[2])


def _join(entry: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    if not all(entry["msgstr"]):
        return
    context = f"{entry['msgctxt'][0]}\x04" if "msgctxt" in entry else ""
    message = "\0".join([*entry["msgid"], *entry.get("msgid_plural", [])])
    yield context + message, "\0".join(entry["msgstr"])


def _unescape(found: re.Match[str]) -> str:
    return _ESCAPED.get(found[1], found[1])


def _compile(entries: dict[str, str]) -> bytes:
    """Return a ``.mo`` file, which is what the standard library reads."""
    pairs = [(key.encode(), entries[key].encode()) for key in sorted(entries)]
    start = 28 + 16 * len(pairs)
    texts = bytearray()
    tables: tuple[list[int], list[int]] = ([], [])
    for column, table in enumerate(tables):
        for pair in pairs:
            table += [len(pair[column]), start + len(texts)]
            texts += pair[column] + b"\0"
    head = (_MAGIC, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, start)
    numbers = [*head, *tables[0], *tables[1]]
    return struct.pack(f"<{len(numbers)}I", *numbers) + bytes(texts)


class _MarkedTranslations(NullTranslations):
    """English in brackets."""

    def gettext(self, message: str) -> str:
        return "[" + message + "]"  # a lazy text would be translated in f"{…}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        del context
        return self.gettext(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        del context
        return self.ngettext(msgid1, msgid2, n)
