"""The sites that are known; entries of others are refused from now on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "site", sa.Column("key", sa.Text, primary_key=True), sqlite_with_rowid=False
    )
    op.execute("INSERT INTO site (key) VALUES ('Global'), ('Guest')")
    op.execute(
        "INSERT INTO site (key) SELECT DISTINCT scope FROM entry "
        "WHERE scope NOT IN ('', 'Global', 'Guest')"
    )
