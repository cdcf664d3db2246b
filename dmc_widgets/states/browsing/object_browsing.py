"""Looking into an installation: what a person opens, and what is read for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from ...center import OpenInstallation
from ...center.browsing import (
    Catalogue,
    EntryLink,
    list_attachments,
)
from ...center.browsing.entry_links import code_filter
from ...errors import DmcError, InvalidQuery, UnknownName
from ...languages import format_number, ngettext
from ...model.entity_type import EntityType, object_short_name
from ...model.query.filter_parser import parse_filter
from ...ports import Item
from .browser_state import (
    BrowserState,
    EntryDetails,
    RelatedEntries,
    Subject,
    entry_title,
    find_object,
)
from .entry_pages import EntryPages
from .installation_reader import InstallationReader

_WAIT_S: Final = 0.2
_SHOWN_LINKS: Final = 20
_COUNT: Final = "count"


class ObjectBrowsing:
    """Reads what the state shows, on a thread of its own.

    >>> browsing = ObjectBrowsing(center.installations.connect)
    >>> browsing.open(("Sample source", "C_Ticket"))

    Args:
        connect: Opens an installation by its name.

    Attributes:
        state: What is in view.
        pages: The pages of the entries in view.
    """

    def __init__(self, connect: Callable[[str], OpenInstallation]) -> None:
        self.state = BrowserState()
        self._connect = connect
        self._uncounted: list[str] = []
        self._reader = self._open_reader("")
        self.pages = EntryPages(self._reader)

    def open(self, parts: Sequence[str]) -> None:
        """Show what stands at an address: an installation, an object, an entry.

        Args:
            parts: The name of the installation, and the parts of a :class:`Subject`.
        """
        name, *rest = parts
        if name != self.state.installation or self.state.problem:
            self._select(name)
        self.show(Subject.parse(rest))

    def show(self, subject: Subject) -> None:
        """Show an object, an entry or a picklist of the installation."""
        state = self.state
        with state.hold_trait_notifications():
            self.pages.select(
                subject.name if subject.kind == "object" else "", subject.filter
            )
            if subject != state.subject:
                state.entry_type, state.entry = None, None
            state.subject = subject
        if state.catalogue is not None:
            self._read_subject()
        self.take(_WAIT_S)

    def refresh(self) -> None:
        """Read everything again."""
        installation, subject = self.state.installation, self.state.subject
        self._select(installation)
        self.show(subject)

    def take(self, wait_s: float = 0.0) -> None:
        """Take over what has been read; the poller of the page calls it."""
        self._reader.take(wait_s)
        if self._uncounted and not self._reader.asked:
            self._count_next()
        self.state.is_loading = bool(self._reader.asked - {_COUNT})

    def check_filter(self, text: str) -> str:
        """Return why a filter cannot be read, or an empty text."""
        try:
            parse_filter(text)
        except InvalidQuery as exc:
            return str(exc)
        return ""

    def open_attachment(self, field: str) -> tuple[str, Any]:
        """Return the name and the bytes of a file of the entry in view.

        Raises:
            UnknownName: It is gone.
            InstallationError: The installation does not answer.
        """
        entry = self.state.entry
        if entry is None:
            raise UnknownName(kind="attachment", name=field)
        code = str(entry.item["externalReferenceCode"])
        scope = str(entry.item.get("scopeKey") or "")
        opened = self._connect(self.state.installation)
        name, chunks = opened.open_attachment(entry.entity_type, code, field, scope)
        return name, _closing(chunks, opened)

    def close(self) -> None:
        """Close the installation."""
        self._reader.close()

    def _open_reader(self, name: str) -> InstallationReader:
        return InstallationReader(lambda: self._connect(name))

    def _select(self, name: str) -> None:
        state = self.state
        self._reader.close()
        self._reader = self._open_reader(name)
        self.pages = EntryPages(self._reader, self.pages.show)
        self._uncounted = []
        with state.hold_trait_notifications():
            state.installation, state.problem = name, ""
            state.catalogue, state.counts = None, {}
            state.entry_type, state.entry = None, None

        def use(catalogue: Catalogue) -> None:
            state.catalogue = catalogue
            self._uncounted = [
                found.entity
                for found in catalogue.objects
                if found.is_published and not found.system
            ]
            self._read_subject()

        self._reader.ask(
            "catalogue", lambda opened: opened.catalogue(), use, self._fail
        )
        state.is_loading = True

    def _count_next(self) -> None:
        """Count the entries of some objects; whatever people ask for goes first."""
        names, counted = self._uncounted, self._uncounted[:]

        def count(opened: OpenInstallation) -> dict[str, int]:
            found: dict[str, int] = {}
            end = time.monotonic() + _WAIT_S
            while counted and time.monotonic() < end:
                name = counted.pop(0)
                with suppress(DmcError):  # an object that does not answer is not all
                    found[name] = opened.count(name)
            return found

        def use(found: dict[str, int]) -> None:
            names[:] = counted
            self.state.counts = {**self.state.counts, **found}

        self._reader.ask(_COUNT, count, use, lambda _exc: names.clear())

    def _read_subject(self) -> None:
        subject, state = self.state.subject, self.state
        if subject.kind == "object" and state.entry_type is None:
            self._reader.ask(
                "type",
                lambda opened: opened.entity_type(subject.name),
                self._use_type,
                lambda _exc: None,  # a draft has no entries; its fields are shown
            )
        if subject.kind == "entry" and state.entry is None:
            catalogue = state.catalogue or Catalogue()
            self._reader.ask(
                "entry",
                lambda opened: _read_details(opened, catalogue, subject),
                self._use_entry,
                self._fail,
            )

    def _use_type(self, entity_type: EntityType) -> None:
        self.state.entry_type = entity_type

    def _use_entry(self, details: EntryDetails) -> None:
        self.state.entry = details

    def _fail(self, exc: DmcError) -> None:
        self.state.problem = str(exc)


def _closing(chunks: Any, opened: OpenInstallation) -> Any:
    try:
        yield from chunks
    finally:
        opened.close()


def _read_details(
    opened: OpenInstallation, catalogue: Catalogue, subject: Subject
) -> EntryDetails:
    """Read an entry, and what it is related to.

    Raises:
        UnknownName: There is no such entry.
    """
    entity_type = opened.entity_type(subject.name)
    found = opened.page(entity_type, size=1, filter=code_filter((subject.code,)))
    if not found.items:
        raise UnknownName(kind=entity_type.short_name, name=subject.code)
    item = found.items[0]
    links = opened.links(entity_type, item)[:_SHOWN_LINKS]
    return EntryDetails(
        entity_type=entity_type,
        item=item,
        title=entry_title(find_object(catalogue, subject.name), item),
        related=tuple(_describe_link(opened, catalogue, link) for link in links),
        attachments=list_attachments(entity_type, item),
    )


def _describe_link(
    opened: OpenInstallation, catalogue: Catalogue, link: EntryLink
) -> RelatedEntries:
    page = opened.page(link.entity, size=1, filter=link.filter)
    summary = find_object(catalogue, link.entity)
    label = summary.label if summary else object_short_name(link.entity)
    relationship = next(
        (x.label for x in catalogue.relationships if x.name == link.relationship), label
    )
    is_one = len(link.codes) == 1
    if is_one and page.items:
        item: Item = page.items[0]
        subject = Subject("entry", link.entity, link.codes[0])
        return RelatedEntries(link, label, entry_title(summary, item), subject)
    number = ngettext("{count} entry", "{count} entries", page.total).format(
        count=format_number(page.total)
    )
    subject = Subject("object", link.entity, filter=link.filter)
    return RelatedEntries(link, f"{label} ({relationship})", number, subject)
