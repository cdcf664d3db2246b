"""What a server over an embedded installation needs beyond the protocol."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from functools import partial

from sqlalchemy import Connection

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.outcome import Outcome, Problem
from ...model.record import LargeText
from ...model.strategies import Policy
from ...objects.documents.change_set import (
    DEFAULT_FOLDER,
    DEFINITION,
    FOLDER_CODE,
    PICKLIST,
)
from ...objects.documents.definitions import collect_definition_problems
from ...objects.documents.kinds import (
    KINDS_BY_NAME,
    build_document_entity_types,
    normalize_item,
)
from ...objects.documents.picklists import complete_names
from ...objects.entries.validation import EntryRules
from ...objects.fields.relationship import is_valid_erc
from ...objects.filters.placeholder_filter import PLACEHOLDER_FILTER
from ...objects.languages import write_label_languages
from ...objects.names import ERC
from ...ports import Batch, Item, Query
from .attachments import store_contents
from .deletion import ENTRY_KIND, EntryDeleter, delete_by_id, delete_document
from .entry_query import entry_scope
from .installation import SqlInstallation, apply_to_each, document_kind
from .lookup import (
    ItemLocation,
    RelatedEntry,
    find_children,
    find_document,
    find_entry,
    find_file,
    known_sites,
    placeholder_documents,
    published_definitions,
)
from .placeholders import has_placeholder
from .served.history import EntryEvent, read_events
from .served.nested_writer import NestedEntryWriter
from .served.permissions import Permission, read_permissions, store_permissions


class SandboxInstallation(SqlInstallation):
    """An embedded installation that a server gives out: by page, by id, by relation.

    Liferay's REST API names items by ids, lists them by pages and follows their
    relationships. The protocol of installations has none of it, since ids do not
    travel and tasks read streams.
    """

    def site_keys(self) -> list[str]:
        """Return the keys of all known sites, in order."""
        with self._database.reading() as connection:
            return known_sites(connection)

    def fetch_placeholder(
        self, entity_type: EntityType, key: str, scope: str = ""
    ) -> Item | None:
        """Return an entry that has only been named so far, or None."""
        if entity_type.class_name != OBJECT_ENTRY or not is_valid_erc(key):
            return None
        with self._database.reading() as connection:
            if not has_placeholder(connection, key):
                return None
        code = key.replace("'", "''")
        filter_ = f"{ERC} eq '{code}' and {PLACEHOLDER_FILTER}"
        query = Query(scope=scope, filter=filter_)
        return next(iter(self.page(entity_type, query, 1, 1).items), None)

    def delete(self, entity_type: EntityType, batch: Batch) -> Sequence[Outcome]:
        """Delete the items that a batch names, with the batch's mark, once.

        A deleted item has the outcome *updated*. Its children are deleted, are kept
        or prevent the deletion, as their relationship says. An item is named by its
        *id*, else by its ERC. Ids are looked up after the mark, so that a second
        attempt returns the outcomes of the first.
        """

        def delete(connection: Connection) -> Sequence[Outcome]:
            delete_item = self._deleter(connection, entity_type, batch.scope)
            return apply_to_each(delete_item, batch)

        return self._write_once(batch, delete)

    def locate(self, entity_type: EntityType, number: int) -> ItemLocation | None:
        """Return where the item with an id is stored, or None."""
        with self._database.reading() as connection:
            if entity_type.class_name == OBJECT_ENTRY:
                return find_entry(connection, entity_type.short_name, number)
            return find_document(connection, document_kind(entity_type), number)

    def published_definitions(self) -> dict[str, str]:
        """Return the ERC of each published definition by its name."""
        with self._database.reading() as connection:
            return published_definitions(connection)

    def placeholders(self, entity_type: EntityType) -> list[Item]:
        """Return the documents that others name and that do not exist yet."""
        with self._database.reading() as connection:
            return placeholder_documents(connection, document_kind(entity_type))

    def definition_problems(self, item: Item, policy: Policy) -> list[Problem]:
        """Return all problems of a definition, of which a write reports the first.

        Args:
            item: The definition as a client states it.
            policy: The strategies for existing and missing definitions.
        """
        body = normalize_item(item)
        if isinstance(body, Problem):
            return [body]
        with self._database.reading() as connection:
            known = self._document_writer(connection)
            return collect_definition_problems(body, known, policy)

    def linked_objects(self, entity_type: EntityType) -> dict[str, str]:
        """Return the other object by the name of each many-to-many relationship."""
        with self._database.reading() as connection:
            rules = self._rules.rules(connection, entity_type)
        return {link.name: link.other_name for link in rules.many}

    def related_entries(
        self, link: tuple[str, str, str], parents: Sequence[str]
    ) -> list[RelatedEntry]:
        """Return the entries that name *parents*; see :func:`.find_children`."""
        with self._database.reading() as connection:
            return find_children(connection, self._database.dialect, link, parents)

    def _write_with_rules(
        self, connection: Connection, rules: EntryRules, batch: Batch
    ) -> Sequence[Outcome]:
        """Store entries with the related entries within them, as Liferay does."""
        writer = NestedEntryWriter(
            connection,
            self._database.dialect,
            partial(self._rules.related_rules, connection),
            partial(store_contents, store=self._database.contents),
            partial(self._entry_writer, connection),
        )
        return writer.write(rules, batch)

    def permissions(self, ids: Collection[int]) -> dict[int, list[Permission]]:
        """Return the stated permissions of entries by id."""
        with self._database.reading() as connection:
            return read_permissions(connection, self._database.dialect, ids)

    def set_permissions(self, number: int, permissions: Sequence[Permission]) -> None:
        """Replace the permissions of an entry."""
        self._database.write(
            lambda connection: store_permissions(connection, number, permissions)
        )

    def events(self, ids: Collection[int]) -> dict[int, list[EntryEvent]]:
        """Return the recorded changes of entries by id, the most recent ones first."""
        with self._database.reading() as connection:
            return read_events(connection, self._database.dialect, ids)

    def attachment_file(self, number: int) -> tuple[str, LargeText] | None:
        """Return the name and the content, in Base64, of the file with an id."""
        with self._database.reading() as connection:
            file = find_file(connection, number)
        if file is None:
            return None
        return file.name, self._database.contents.text(file.content)

    def add_builtin_documents(self) -> None:
        """Add the documents that every installation of Liferay has."""
        for entity_type in build_document_entity_types():
            documents = KINDS_BY_NAME[entity_type.name].builtin_documents
            codes = [document[ERC] for document in documents]
            stored = self.fetch(entity_type, codes) if codes else {}
            items = [x for x in documents if x[ERC] not in stored]
            if items:
                mark = f"builtin {uuid.uuid4()}"
                batch = Batch(task=mark, number=1, items=items, policy=Policy())
                self.write(entity_type, batch)

    def checkpoint(self) -> None:
        """Complete the database's own file, so that it may be copied."""
        self._database.checkpoint()

    def _complete_document(self, kind: str, item: Item) -> Item:
        """Return a document as a server does, with what it completes.

        A definition belongs to a folder, and a picklist has its name by language.
        """
        if kind == PICKLIST:
            return complete_names(dict(item))
        labelled: Item = write_label_languages(item)
        if kind != DEFINITION or item.get(FOLDER_CODE):
            return labelled
        return labelled | {FOLDER_CODE: DEFAULT_FOLDER}

    def _deleter(
        self, connection: Connection, entity_type: EntityType, scope: str
    ) -> Callable[[Item], Outcome]:
        if entity_type.class_name == OBJECT_ENTRY:
            rules = self._rules.rules(connection, entity_type)
            site = entry_scope(rules, scope)
            deleter = EntryDeleter(connection, rules.definition_id)
            name = entity_type.short_name
            return delete_by_id(
                lambda location: deleter.delete(*location),
                lambda number: find_entry(connection, name, number),
                (ENTRY_KIND, site),
            )
        kind = document_kind(entity_type)
        writer = self._document_writer(connection)
        return delete_by_id(
            lambda location: delete_document(
                connection, writer, {"kind": kind, "erc": location.key}
            ),
            lambda number: find_document(connection, kind, number),
            (kind, ""),
        )
