"""How the parts of the browser lead to each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from ...states.browsing import Subject


@dataclass(frozen=True, slots=True)
class BrowserLinks:
    """Leads from one part of an installation to another.

    Args:
        installation: Returns the name of the installation.
        navigate: Opens the name of an installation and the parts of a subject.
        prefix: What stands before an address in links, such as ``#/objects``; empty
            where links have no address.
    """

    installation: Callable[[], str]
    navigate: Callable[[tuple[str, ...]], object]
    prefix: str = ""

    def key(self, subject: Subject) -> str:
        """Return the key of a link to a subject."""
        return "/".join(quote(part, safe="") for part in subject.parts)

    def href(self, subject: Subject) -> str:
        """Return the address of a subject, or an empty text."""
        if not self.prefix:
            return ""
        return "/".join(
            filter(
                None,
                (self.prefix, quote(self.installation(), safe=""), self.key(subject)),
            )
        )

    def follow(self, key: str) -> None:
        """Open the subject whose link has a key."""
        parts = [unquote(part) for part in key.split("/") if part]
        self.navigate((self.installation(), *parts))

    def open(self, subject: Subject) -> None:
        """Open a subject."""
        self.navigate((self.installation(), *subject.parts))
