"""One check of a definition where PostgreSQL made one for each row that names it.

The check took half of the time of storing an entry. A writer of entries has read
their definition in the same transaction, whose lock keeps those out that delete one; so
what is left to refuse is the deletion of a definition that something still names.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_NAMING = (
    ("entry", "definition_id"),
    ("unique_value", "definition_id"),
    ("relationship", "parent_definition_id"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    inspector = sa.inspect(op.get_bind())
    for table, column in _NAMING:
        for key in inspector.get_foreign_keys(table):
            name = key["name"]
            if name is not None and key["constrained_columns"] == [column]:
                op.drop_constraint(name, table, type_="foreignkey")
    named = " OR ".join(
        f"EXISTS (SELECT FROM {table} WHERE {column} = OLD.id)"
        for table, column in _NAMING
    )
    op.execute(f"""
        CREATE FUNCTION dmc_keep_definition() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR NEW.id <> OLD.id THEN
                IF {named} THEN
                    RAISE EXCEPTION 'document % is still named', OLD.id
                        USING ERRCODE = 'foreign_key_violation';
                END IF;
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute(
        "CREATE TRIGGER dmc_keep_definition AFTER DELETE OR UPDATE OF id ON document "
        "FOR EACH ROW EXECUTE FUNCTION dmc_keep_definition()"
    )
