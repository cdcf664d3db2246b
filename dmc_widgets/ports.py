"""Ports: the protocols that installations and formats implement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import (
    TYPE_CHECKING,
    Any,
    BinaryIO,
    Final,
    NamedTuple,
    Protocol,
    TypeVar,
    runtime_checkable,
)

from .model.batch_results import BatchResults
from .model.change import ItemChange
from .model.coercion import name_tuple, set_texts
from .model.compression import Compression
from .model.entity_type import EntityType, Field, Site
from .model.entry_digests import EntryDigests
from .model.fitting import FittedItem
from .model.item_reads import ItemReads
from .model.outcome import Outcome, OutcomeKind, Problem
from .model.reading_options import DETECT_ALL, ReadingOptions, ReadingReport
from .model.record import Record, UnreadableRecord
from .model.strategies import Policy

_Accept = Callable[[Sequence[Outcome]], None]
_Facts = TypeVar("_Facts")

Item = dict[str, Any]
"""Target field names and values, as an installation holds them or is sent them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The items of an entity type to read, and their fields and order.

    >>> Query(fields=["title", "state"], filter="priority gt 3", sort="title:asc")

    Attributes:
        fields: Names; None for every field that an export may hold.
        scope: A site's key; empty for company scope, and for every site.
        filter: An OData expression that the items meet; empty for all. ``eq null``
            finds fields without a value; a Boolean without one is false, and a
            picklist is compared by its key.
        sort: ``title:asc,priority:desc``; empty for the order of creation. Case does
            not count, and fields without a value are before all others.
        search: A text that the items hold in a text field, whatever its case; empty
            for all.

    Raises:
        InvalidPlan: A value is of another kind.
    """

    fields: tuple[str, ...] | None = None
    scope: str = ""
    filter: str = ""
    sort: str = ""
    search: str = ""

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            fields: str | Iterable[str] | None = ...,
            scope: str = ...,
            filter: str = ...,
            sort: str = ...,
            search: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        set_texts(self, "scope", "filter", "sort", "search")
        if self.fields is not None:
            object.__setattr__(self, "fields", name_tuple(self.fields, "fields"))


class Page(NamedTuple):
    """Some of the items that a query selects, and their number in all."""

    items: list[Item]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Items to write together, and the mark that makes a second write harmless.

    Attributes:
        task: The task's key, unique across workspaces.
        number: The number of the batch within the task, from 1.
        items: In the order of the file.
        policy: The same for every batch of a task.
        scope: A site's key, for every item whatever it says; empty for company
            scope, and where each item names its site in ``scopeKey``.
        new_sites: Add sites that are missing, if it can; else their items fail.
        journal: Outcomes state the changes, with what undoes them, where it can tell.
        reads: The items that are read around the write; None where they are not wanted.
        accept: Called with the outcomes before they are stored; it may refuse them.
        digests: Takes the digests of the entries, where the installation makes them.
    """

    task: str
    number: int
    items: Sequence[Item]
    policy: Policy
    scope: str = ""
    new_sites: bool = False
    journal: bool = False
    reads: ItemReads | None = field(default=None, repr=False, compare=False)
    accept: _Accept | None = field(default=None, repr=False, compare=False)
    digests: EntryDigests | None = field(default=None, repr=False, compare=False)


class WrittenItem(NamedTuple):
    """What a task did to one item, for undoing it.

    Attributes:
        kind: Created or updated.
        key: The external reference code.
        change: The change, as the outcome stated it.
    """

    kind: OutcomeKind
    key: str
    change: ItemChange


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoBatch:
    """Items to take back together, with a mark as that of :class:`Batch`.

    Attributes:
        task: The key of the undoing task, unique across workspaces.
        number: The number of the batch within that task, from 1.
        items: What was done to them, the last change first.
        dry_run: Write nothing. Installations that can rehearse need not heed it.
        first: The number of the first item within that task, from 1.
    """

    task: str
    number: int
    items: Sequence[WrittenItem]
    dry_run: bool = False
    first: int = 1


class Installation(Protocol):
    """A place that holds entities: an embedded database, PostgreSQL, Liferay.

    Implementations raise :class:`~dmc_widgets.errors.InstallationError` and, for
    what they do not have or cannot do, :class:`~dmc_widgets.errors.UnknownName`,
    :class:`~dmc_widgets.errors.NotSupported` and
    :class:`~dmc_widgets.errors.InvalidQuery`, and nothing else. An item that
    fails is an outcome, never an exception.
    """

    def entity_types(self) -> list[EntityType]:
        """Return the entity types that can be moved, with their capabilities."""
        ...

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items in a stable order, without holding them all.

        A field without a value is None; a field that the query does not select is
        absent. The iterator may offer ``__length_hint__``, so that an export can tell
        how much is left, and pages (:class:`.model.item_pages.PagedItems`).

        A filter or a sort order that cannot be carried out is refused by this call,
        not when the first item is read.
        """
        ...

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items stored under these ERCs; one request serves them all."""
        ...

    def write(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome]:
        """Store the batch and return the outcome of each item, in the batch's order.

        Under ``ON_ERROR_FAIL`` the first failure ends the batch: items before
        it stay, items after it are not touched and come back as *skipped*.

        Writing the same batch (task, number) twice returns the outcomes of the
        first time. The mark commits with the data.

        An error that is raised means that nothing of this batch is stored. What
        may or may not be stored comes back as *unknown*.
        """
        ...

    def close(self) -> None:
        """Close the connection. Closing twice is harmless."""
        ...


@runtime_checkable
class SiteDirectory(Protocol):
    """An installation that can list its sites.

    Attributes:
        adds_sites: The installation can add sites, which :attr:`Batch.new_sites` needs.
    """

    adds_sites: bool

    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the sites that entries may belong to; none if they have no sites.

        Raises:
            InstallationError: It does not list them.
        """
        ...

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if *key* names a site, by any of the names that it goes by."""
        ...


@runtime_checkable
class SnapshotReader(Protocol):
    """An installation that can be read as it is at one moment."""

    def snapshot(self) -> AbstractContextManager[Installation]:
        """Return the installation as it is now, for reading, until the block ends.

        All that is read from it is of one state, without what others write meanwhile.
        """
        ...


@runtime_checkable
class Rehearser(Protocol):
    """An installation that can write for a rehearsal, and takes everything back."""

    def rehearsal(self) -> AbstractContextManager[Installation]:
        """Return the installation for writing, until the block ends.

        What is written there is seen by what is read and written there later, and by
        no other program; at the end of the block nothing of it is left. Others may have
        to wait with their own writing until then.
        """
        ...


@runtime_checkable
class Undoer(Installation, Protocol):
    """An installation that can take back what outcomes state as changes."""

    def undo(self, entity_type: EntityType, batch: UndoBatch) -> Sequence[Outcome]:
        """Take back what was done to items; return the outcome of each, in order.

        What was created is deleted: the outcome is *updated* with the note *deleted*.
        What was updated is restored: *updated*. What was deleted by an undo comes
        back: *created*. An item that is as it was before is *unchanged*. An item that
        somebody has changed since, or that others need, is left alone: *skipped*, with
        a note of :data:`~dmc_widgets.model.outcome.KEPT_NOTES`.

        Outcomes state changes, so that the undo can be undone. Undoing the same batch
        (task, number) twice returns the outcomes of the first time.
        """
        ...


@runtime_checkable
class ItemRemover(Installation, Protocol):
    """An installation that can delete items, and keeps no journal of its own.

    What a task changes there is found by comparison, before and after each batch.
    """

    def remove(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> list[Problem | None]:
        """Delete items in this order, one by one; one that is not there is deleted.

        Args:
            entity_type: The entity type of the items.
            keys: Their external reference codes.
            scope: The key of their site; empty for company scope.

        Returns:
            Why each item was not deleted; None where it was.

        Raises:
            InstallationError: The installation does not answer.
        """
        ...


@runtime_checkable
class PermissionChecker(Protocol):
    """An installation that can check permissions before an import starts."""

    def require_permission(
        self, entity_type: EntityType, policy: Policy, scope: str = ""
    ) -> None:
        """Raise :class:`~dmc_widgets.errors.Refused` if it would refuse every item."""
        ...


@runtime_checkable
class ItemFitter(Protocol):
    """An installation that leaves out of items what it does not know.

    Attributes:
        release_name: The published version of Liferay that knows what it knows, such as
            ``7.4.3.112``; empty if there is none, or if it is not known.
    """

    @property
    def release_name(self) -> str:
        """The version of Liferay; see above."""
        ...

    def fit_item(self, entity_type: EntityType, item: Item) -> FittedItem:
        """Return what :meth:`Installation.write` takes of an item, and what it loses.

        Raises:
            InstallationError: It does not say what it knows.
        """
        ...


@runtime_checkable
class OutcomeRecall(Protocol):
    """An installation that can find the outcomes of a batch after a crash."""

    def recall(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome] | None:
        """Return the outcomes of a batch that may have been written; write nothing.

        The batch must not be in the course of being written. Items that were not
        reached come back as *skipped*, and those without evidence as *unknown*.

        Args:
            entity_type: The entity type that the items belong to.
            batch: The batch with its mark. Its items need only their external reference
                codes, sites and lists of other entries.

        Returns:
            None if nothing of the batch is stored, and nothing of it has failed.

        Raises:
            InstallationError: The installation does not answer now.
        """
        ...


class PrunedStorage(NamedTuple):
    """What was removed from an installation.

    Attributes:
        marks: The number of batches of tasks that can no longer be recalled or undone.
        attachments: The number of files that no entry named.
        bytes: The room that both took.
    """

    marks: int
    attachments: int
    bytes: int


@runtime_checkable
class StoragePruner(Protocol):
    """An installation that can remove what tasks have left in it."""

    def prune(
        self, tasks: Sequence[str], before_ms: int, *, dry_run: bool
    ) -> PrunedStorage:
        """Remove the marks of tasks, and attachments that nothing names.

        Args:
            tasks: The keys of tasks that will not be resumed or undone; marks under
                such a key with a dot and more after it are removed, too.
            before_ms: Attachments that were written since stay, in milliseconds since
                the epoch; so do those in the journals of other tasks.
            dry_run: Remove nothing; return what would be removed.
        """
        ...


@runtime_checkable
class PipelinedWriter(Protocol):
    """An installation that prepares the next batch while it writes others.

    This serves installations whose writing is mostly waiting.
    """

    def write_all(
        self, entity_type: EntityType, batches: Iterator[Batch], at_once: int = 1
    ) -> BatchResults:
        """Write batches, and return the outcomes of each, in order.

        A batch is written as :meth:`Installation.write` does it. It begins only after
        the caller has asked for the outcomes of the batch *at_once* places before it
        and asks for more. But it may be taken from *batches* and prepared while others
        are being written. Batches of which one names or repeats items of the other are
        not written at the same time. More than one at once is only for a policy that
        continues on errors.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportHeader:
    """What a format may write about the items of a file.

    Attributes:
        entity_type: The entity type that the items belong to.
        fields: The fields that are written; items hold no others.
        parameters: The parameters of the export, in the batch engine's words, as texts.
        include_headers: CSV: the first line names the columns.
        guard_formulas: CSV: a text that a spreadsheet would run as a formula gets a
            leading apostrophe.
        as_liferay: CSV: a custom text that has to be quoted is quoted once more, as
            Liferay's export does.
        compression: PARQUET: a name of :class:`~dmc_widgets.model.plan.Compression`.
    """

    entity_type: EntityType
    fields: tuple[Field, ...]
    parameters: dict[str, str] = field(default_factory=dict)
    include_headers: bool = True
    guard_formulas: bool = True
    as_liferay: bool = False
    compression: Compression = Compression.ZSTD


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatInfo:
    """What is known of a format without reading or writing a file.

    Forms, the help of the command line and the recognition of files derive from it.

    Attributes:
        name: The name that people choose it by: ``JSONL``.
        extension: The extension of the files that it writes, without the first dot.
        suffixes: The endings of the names of files that it reads: ``(".jsonl",)``.
        files: What it reads, as a phrase for a sentence: ``a JSON array of objects``.
        is_table: Its records are rows of a table with a fixed list of columns.
        is_nested: Its values may be objects and lists, so that a field is one column
            of a table.
        is_compressed: Its files are compressed, so that a zip takes them as they are.
        is_streamed: Its records are read one after another; a workbook, in contrast,
            is read as a whole before its first row is known.
        row_name: What one of its records is called in messages: ``line`` or ``row``.
        can_read: An import may choose it.
        can_write: An export may choose it.
        reading_options: The names of the fields of
            :class:`~dmc_widgets.model.reading_options.ReadingOptions` that it takes.
        writing_options: The names of the options in :class:`ExportHeader` that it
            takes.
        archive_comment: The comment of the zip of an export; empty for none.
        archive_options: How to read the file in a zip that has this comment.
    """

    name: str
    extension: str
    suffixes: tuple[str, ...] = ()
    files: str = ""
    is_table: bool = False
    is_nested: bool = False
    is_compressed: bool = False
    is_streamed: bool = True
    row_name: str = "line"
    can_read: bool = True
    can_write: bool = True
    reading_options: frozenset[str] = frozenset()
    writing_options: frozenset[str] = frozenset()
    archive_comment: bytes = b""
    archive_options: ReadingOptions = DETECT_ALL

    def can_hold(self, field: Field) -> bool:
        """Return True unless the values of *field* cannot be written in this format.

        What neither CSV nor XLSX can hold, no other table can hold either.
        """
        refused = field.unsupported_formats
        if self.name in refused:
            return False
        return not (self.is_table and refused >= _BUILT_IN_TABLES)


_BUILT_IN_TABLES: Final = frozenset({"CSV", "XLSX"})


class FileSample(Protocol):
    """A file that is to be recognised: its name, its beginning, and the way to more.

    Attributes:
        name: The name of the file; of a file in a zip, its name there.
        head: The first bytes of the file, 64 KiB of them unless it is shorter.
        options: How the caller wants the file to be read.
        report: Receives what a person should know before an import.
    """

    name: str
    head: bytes
    options: ReadingOptions
    report: ReadingReport

    def has_suffix(self, *suffixes: str) -> bool:
        """Return True if the name ends in one of *suffixes*, in any case."""
        ...

    def open(self) -> BinaryIO:
        """Open the file at its beginning; this closes what was opened before.

        Raises:
            FileUnreadable: The file cannot be opened.
        """
        ...

    def text_samples(self) -> tuple[Sequence[bytes], bool]:
        """Return pieces of the text in their order, and whether they are all of it."""
        ...

    def once(self, inspect: Callable[[FileSample], _Facts]) -> _Facts:
        """Return the result of *inspect*, which is called once for this file.

        Formats that have to look at the same facts share the cost.
        """
        ...


class RecognisedFile(NamedTuple):
    """How a file is read.

    Attributes:
        format: The format, set up for this file. It may be another object than the
            registered one: the layout of a JSON file, for example, is known by now.
        options: The chosen options, and what was detected where they are open.
    """

    format: Format
    options: ReadingOptions


class Format(Protocol):
    """A way to write records in a file. Nothing here holds a whole file."""

    @property
    def info(self) -> FormatInfo:
        """What is known of the format without a file; a class attribute will do."""
        ...

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Return how to read the file if it is one of this format, else None.

        Raises:
            FileUnreadable: The file is of this format or claims to be, and cannot be
                read.
            FileBroken: The file is malformed before the format is known.
        """
        ...

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield records, and in place of a bad one an :class:`UnreadableRecord`.

        A bad record is yielded, not raised: raising would end the generator,
        and a caller who wants to continue could never reach the next one.

        Args:
            stream: The bytes of the file. The caller opens and closes it.
            source: The name of the file, for messages.
            options: How to read files that do not state it themselves.
            report: Receives what the reader notices besides the records, such as
                rows that it skips.

        Raises:
            FileUnreadable: The beginning is not of this format.
            FileBroken: From some place on the records cannot be separated.
        """
        ...

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write *items* and return how many there were."""
        ...
