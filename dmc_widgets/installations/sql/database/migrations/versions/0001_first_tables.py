"""First tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _documents()
    _entries()
    _side_tables()
    _marks()


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("erc", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("kind", "erc"),
        sa.UniqueConstraint("kind", "name"),
    )


def _entries() -> None:
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "definition_id", sa.Integer, sa.ForeignKey("document.id"), nullable=False
        ),
        sa.Column("scope", sa.Text, nullable=False, server_default=""),
        sa.Column("erc", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("definition_id", "scope", "erc"),
    )
    op.create_index("entry_order", "entry", ["definition_id", "scope", "id"])


def _side_tables() -> None:
    op.create_table(
        "unique_value",
        sa.Column(
            "definition_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True
        ),
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, primary_key=True),
        sa.Column(
            "entry_id",
            sa.Integer,
            sa.ForeignKey("entry.id", ondelete="CASCADE"),
            nullable=False,
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("unique_value_entry", "unique_value", ["entry_id"])
    op.create_table(
        "relationship",
        sa.Column(
            "entry_id",
            sa.Integer,
            sa.ForeignKey("entry.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column(
            "parent_definition_id",
            sa.Integer,
            sa.ForeignKey("document.id"),
            nullable=False,
        ),
        sa.Column("parent_erc", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "relationship_parent", "relationship", ["parent_definition_id", "parent_erc"]
    )


def _marks() -> None:
    op.create_table(
        "batch_mark",
        sa.Column("task", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("outcomes", sa.LargeBinary, nullable=False),
        sa.Column("written", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
