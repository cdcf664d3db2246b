"""The tables of an embedded installation, and the reasons for their design.

A document (an object definition, a picklist, a folder) and an entry are stored as one
JSON text each, so that a new field of a definition changes no table. Side tables hold
what is looked up by value, which are unique values and relationships, and what belongs
to two entries: the links of many-to-many relationships.

A table for each definition, with a column for each field, was rejected: imports would
change tables, and two processes would do so at once.

All times are milliseconds since the epoch, in UTC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ....objects.entries.system_properties import EMPTY

metadata = MetaData()

_ID = Integer().with_variant(BigInteger(), "postgresql")
"""SQLite's integers are that large anyway."""

document = Table(
    "document",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("erc", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    UniqueConstraint("kind", "erc"),
    UniqueConstraint("kind", "name"),
)
"""*kind* is ``ObjectDefinition``, ``ListTypeDefinition`` or ``ObjectFolder``."""

entry = Table(
    "entry",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("definition_id", _ID, ForeignKey("document.id"), nullable=False),
    Column("scope", Text, nullable=False, server_default=""),
    Column("erc", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    UniqueConstraint("definition_id", "scope", "erc"),
    Index("entry_order", "definition_id", "scope", "id"),
    # Of placeholders alone, in PostgreSQL too; naming that here loads its dialect.
    Index("entry_placeholder", "definition_id", sqlite_where=text(f"status = {EMPTY}")),
)
"""*body* holds the fields that have a value, sorted by name: equal entries are
equal bytes. One index serves reading page by page; the other finds the placeholders,
which are few or none."""

unique_value = Table(
    "unique_value",
    metadata,
    Column("definition_id", _ID, ForeignKey("document.id"), primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("entry_id", _ID, ForeignKey("entry.id", ondelete="CASCADE"), nullable=False),
    Index("unique_value_entry", "entry_id"),
    sqlite_with_rowid=False,
)
"""Values of fields with ``uniqueValues``, as texts; of one-to-one relationships the
parents' ERCs, under the ``r_…ERC``."""

relationship = Table(
    "relationship",
    metadata,
    Column(
        "entry_id",
        _ID,
        ForeignKey("entry.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("field", Text, primary_key=True),
    Column("parent_definition_id", _ID, ForeignKey("document.id"), nullable=False),
    Column("parent_erc", Text, nullable=False),
    Index("relationship_parent", "parent_definition_id", "parent_erc"),
    sqlite_with_rowid=False,
)
"""*field* is the child's ``r_…Id``. Parents are stored by ERC, since ids do not
travel; system parents (``L_USER``) are in the entry's body instead."""

many_to_many = Table(
    "many_to_many",
    metadata,
    Column("definition_id", _ID, ForeignKey("document.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("other_erc", Text, nullable=False),
    Index("many_to_many_other", "other_erc"),
    sqlite_with_rowid=False,
)
"""The many-to-many relationships that definitions declare. The document of the other
side does not name them, so this table does."""

entry_link = Table(
    "entry_link",
    metadata,
    Column("name", Text, primary_key=True),
    Column(
        "entry1_id",
        _ID,
        ForeignKey("entry.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column(
        "entry2_id",
        _ID,
        ForeignKey("entry.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Index("entry_link_first", "entry1_id"),
    Index("entry_link_second", "entry2_id"),
    sqlite_with_rowid=False,
)
"""Links of many-to-many relationships. *entry1_id* is an entry of the definition that
declares the relationship *name*; one row serves both sides."""

entry_permission = Table(
    "entry_permission",
    metadata,
    Column(
        "entry_id",
        _ID,
        ForeignKey("entry.id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("permissions", LargeBinary, nullable=False),
)
"""What roles may do with entries, where somebody has stated it."""

entry_event = Table(
    "entry_event",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("entry_id", _ID, ForeignKey("entry.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("changes", LargeBinary, nullable=False),
    Index("entry_event_entry", "entry_id"),
)
"""The history of entries whose definition keeps one."""

counter = Table(
    "counter",
    metadata,
    Column("definition_id", _ID, ForeignKey("document.id"), primary_key=True),
    Column("field", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The last number of each AutoIncrement field, over all scopes."""

spent_id = Table(
    "spent_id",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("last", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The highest id of a deleted entry and of a deleted document, by their table."""

stored_file = Table(
    "stored_file",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("scope", Text, nullable=False, server_default=""),
    Column("erc", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    UniqueConstraint("scope", "erc"),
)
"""The files of attachments; their contents are stored beside the database, and entries
hold the id in their body."""

site = Table(
    "site",
    metadata,
    Column("key", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""The sites that entries may belong to."""

batch_mark = Table(
    "batch_mark",
    metadata,
    Column("task", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("outcomes", LargeBinary, nullable=False),
    Column("written", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""The batches that were written, with the outcomes of their items."""

lost_value = Table(
    "lost_value",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("task", Text, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("entry_id", _ID, nullable=False),
    Column("lost", LargeBinary, nullable=False),
    Index("lost_value_item", "task", "batch", "position"),
)
"""What entries lost because an item took fields or relationships from a definition:
the item by its task, batch and position, for undoing it."""
