"""An index of placeholders, which are few or none among any number of entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    is_placeholder = sa.text("status = 9")
    op.create_index(
        "entry_placeholder",
        "entry",
        ["definition_id"],
        sqlite_where=is_placeholder,
        postgresql_where=is_placeholder,
    )
