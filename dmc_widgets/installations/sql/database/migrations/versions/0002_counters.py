"""Counters of AutoIncrement fields."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column(
            "definition_id", sa.Integer, sa.ForeignKey("document.id"), primary_key=True
        ),
        sa.Column("field", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
