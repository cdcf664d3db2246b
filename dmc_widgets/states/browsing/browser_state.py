"""What of an installation is in view. It runs without a browser or ipywidgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from traitlets import Bool, Dict, HasTraits, Instance, Unicode

from ...center.browsing import (
    Catalogue,
    EntryLink,
    ObjectSummary,
    PicklistSummary,
    StoredAttachment,
    format_entry_value,
)
from ...model.entity_type import EntityType
from ...ports import Item

PICKLIST = "picklist"
"""The part of an address that a picklist's code follows."""
_ENTRY, _WHERE = "entry", "where"


class Subject(NamedTuple):
    """What is in view.

    Attributes:
        kind: The whole installation, an object with its entries, one entry, or a
            picklist.
        name: The name of the entity type, or the code of the picklist.
        code: The external reference code of the entry.
        filter: The filter of the entries.
    """

    kind: Literal["overview", "object", "entry", "picklist"] = "overview"
    name: str = ""
    code: str = ""
    filter: str = ""

    @classmethod
    def parse(cls, parts: Sequence[str]) -> Subject:
        """Return the subject of an address below that of the installation.

        Whatever else is asked for is the overview.
        """
        match parts:
            case ["picklist", code]:
                return cls("picklist", code)
            case [name]:
                return cls("object", name)
            case [name, "entry", code]:
                return cls("entry", name, code)
            case [name, "where", filter]:
                return cls("object", name, filter=filter)
        return cls()

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of its address below that of the installation."""
        if self.kind == "picklist":
            return PICKLIST, self.name
        if self.kind == "entry":
            return self.name, _ENTRY, self.code
        if self.kind == "object":
            return (self.name, _WHERE, self.filter) if self.filter else (self.name,)
        return ()


class RelatedEntries(NamedTuple):
    """A link of an entry, as people read it.

    Attributes:
        link: The link.
        label: What the related entries are: ``Customer``, ``Repairs``.
        text: The title of the only one, or their number.
        subject: Where they are shown.
    """

    link: EntryLink
    label: str
    text: str
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetails:
    """One entry, with all that there is to see of it.

    Attributes:
        entity_type: Its entity type.
        item: Its fields.
        title: What it is called.
        related: The entries that it is related to.
        attachments: Its files.
    """

    entity_type: EntityType
    item: Item
    title: str
    related: tuple[RelatedEntries, ...] = ()
    attachments: tuple[StoredAttachment, ...] = ()


class BrowserState(HasTraits):
    """An installation that people look into.

    Attributes:
        installation: Its name.
        catalogue: What it defines; None until it has answered.
        problem: Why it did not answer, or empty.
        subject: What is in view.
        counts: The numbers of entries by the name of their entity type.
        entry_type: The entity type of the entries in view; None until it is known.
        entry: The entry in view; None until it has been read.
        is_loading: Something is being read.
    """

    installation = Unicode()
    catalogue = Instance(Catalogue, allow_none=True)
    problem = Unicode()
    subject = Instance(Subject, args=())
    counts = Dict()
    entry_type = Instance(EntityType, allow_none=True)
    entry = Instance(EntryDetails, allow_none=True)
    is_loading = Bool(False)

    @property
    def shown_object(self) -> ObjectSummary | None:
        """The object in view, or whose entry is in view."""
        if self.catalogue is None or self.subject.kind not in {"object", "entry"}:
            return None
        return find_object(self.catalogue, self.subject.name)

    @property
    def shown_picklist(self) -> PicklistSummary | None:
        """The picklist in view."""
        if self.catalogue is None or self.subject.kind != PICKLIST:
            return None
        code = self.subject.name
        return next((x for x in self.catalogue.picklists if x.code == code), None)


def find_object(catalogue: Catalogue, name: str) -> ObjectSummary | None:
    """Return the object whose entity type, name or code is *name*; None if unknown."""
    for found in catalogue.objects:
        if name in {found.entity, found.name, found.code}:
            return found
    return None


def entry_title(summary: ObjectSummary | None, item: dict[str, Any]) -> str:
    """Return what an entry is called: its title field, else its code."""
    title = summary.title_field if summary else ""
    code = str(item.get("externalReferenceCode") or "")
    return format_entry_value(item.get(title)) or code
