"""Many-to-many relationships, and the links of entries."""

from __future__ import annotations

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    declared = op.create_table(
        "many_to_many",
        sa.Column(
            "definition_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True
        ),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("other_erc", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("many_to_many_other", "many_to_many", ["other_erc"])
    op.create_table(
        "entry_link",
        sa.Column("name", sa.Text, primary_key=True),
        _entry("entry1_id"),
        _entry("entry2_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("entry_link_first", "entry_link", ["entry1_id"])
    op.create_index("entry_link_second", "entry_link", ["entry2_id"])
    _note_declared(declared)


def _entry(name: str) -> sa.Column[int]:
    reference = sa.ForeignKey("entry.id", ondelete="CASCADE")
    return sa.Column(name, sa.Integer, reference, primary_key=True)


def _note_declared(declared: sa.Table) -> None:
    """Note what the definitions that are there already declare."""
    query = sa.text("SELECT id, body FROM document WHERE kind = 'ObjectDefinition'")
    rows = []
    for definition_id, body in op.get_bind().execute(query):
        for relationship in orjson.loads(body).get("objectRelationships") or ():
            other = relationship.get("objectDefinitionExternalReferenceCode2") or ""
            own = relationship.get("type") == "manyToMany" and not relationship.get(
                "reverse"
            )
            if own and other and not other.startswith("L_"):
                name = relationship["name"]
                rows.append(
                    {"definition_id": definition_id, "name": name, "other_erc": other}
                )
    if rows:
        op.bulk_insert(declared, rows)
