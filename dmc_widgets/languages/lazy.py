"""Texts that are written before the language is known, such as tables of labels."""

from __future__ import annotations

from .catalogs import gettext


class LazyText(str):
    """A message of ours in English, which is translated where it is shown.

    It is an ordinary text in all respects, so that it can be a key or be compared; its
    type tells it from texts of files and servers, which must never be translated. As a
    part of another text, ``f"<p>{HELP}</p>"``, it is translated at once.
    """

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return format(gettext(str(self)), spec)


def lazy(message: str) -> str:
    """Mark a message for translation when it is shown.

    >>> TITLES = {"tasks": lazy("Tasks")}
    >>> resolve(TITLES["tasks"])
    'Aufgaben'
    """
    return LazyText(message)


def resolve(text: str) -> str:
    """Return a text as it is shown: translated if it is lazy, or else unchanged."""
    return gettext(str(text)) if isinstance(text, LazyText) else text
