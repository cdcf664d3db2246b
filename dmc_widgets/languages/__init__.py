"""The languages of the dashboard: texts by gettext, and numbers by language.

English is the language of the source: what stands in the calls of :func:`gettext` is
what is shown where a catalog has no translation. The library in Python, the command
line and the messages of errors stay English; pages and widgets translate.

A kernel is one page of one person, so the language in use is that of the process
(:func:`set_language`). A server answers many people in one process, and asks for the
language of each request with :func:`using_language`.

A language is a line in :data:`LANGUAGES` and a catalog ``<code>.po`` beside this file,
which ``make messages`` creates and updates.
"""

from __future__ import annotations

from .catalogs import gettext, ngettext, npgettext, pgettext
from .choice import (
    COOKIE,
    VARIABLE,
    choose_language,
    current_language,
    parse_accept_language,
    set_language,
    using_language,
)
from .isolation import isolate
from .lazy import LazyText, lazy, resolve
from .numbers import format_decimal, format_number
from .scripts import translate_script
from .table import ENGLISH, LANGUAGES, Language

__all__ = [
    "COOKIE",
    "ENGLISH",
    "LANGUAGES",
    "VARIABLE",
    "Language",
    "LazyText",
    "choose_language",
    "current_language",
    "format_decimal",
    "format_number",
    "gettext",
    "isolate",
    "lazy",
    "ngettext",
    "npgettext",
    "parse_accept_language",
    "pgettext",
    "resolve",
    "set_language",
    "translate_script",
    "using_language",
]
