"""What PostgreSQL needs: large ids, texts by code points, contents, functions."""

from __future__ import annotations

import sys

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _change_columns()
        _create_tables()
        op.execute(_JSON)
        op.execute(sa.text(_folding().replace(":", r"\:")))


def _change_columns() -> None:
    """Let ids be as large as SQLite's, and compare texts as SQLite does."""
    inspector = sa.inspect(op.get_bind())
    for table in inspector.get_table_names():
        changes = []
        for column in inspector.get_columns(table):
            name = column["name"]
            if isinstance(column["type"], sa.Text):
                changes.append(f'ALTER COLUMN {name} TYPE text COLLATE "C"')
            elif name == "id" or name.endswith("_id"):
                changes.append(f"ALTER COLUMN {name} TYPE bigint")
        if changes:
            op.execute(f"ALTER TABLE {table} {', '.join(changes)}")
        if any(column["name"] == "id" for column in inspector.get_columns(table)):
            op.execute(f"ALTER SEQUENCE {table}_id_seq AS bigint")


def _create_tables() -> None:
    op.execute("CREATE TABLE write_lock ()")
    op.execute(
        'CREATE TABLE content (sha256 text COLLATE "C" PRIMARY KEY, '
        "size bigint NOT NULL, used bigint NOT NULL)"
    )
    op.execute(
        'CREATE TABLE content_part (sha256 text COLLATE "C", number integer, '
        "data bytea NOT NULL, PRIMARY KEY (sha256, number))"
    )
    # The bytes of files do not get smaller.
    op.execute("ALTER TABLE content_part ALTER COLUMN data SET STORAGE EXTERNAL")


_JSON = r"""
CREATE FUNCTION dmc_json(body bytea) RETURNS json
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
SELECT CASE WHEN position('\x5c7530303030'::bytea IN body) = 0
THEN convert_from(body, 'UTF8')::json
ELSE regexp_replace(
    convert_from(body, 'UTF8'), '(?<!\\)((?\:\\\\)*)\\u0000', '\1\\uffff', 'g'
)::json END $$
"""
"""No text holds the character NUL in PostgreSQL: U+FFFF stands for it in filters."""


def _folding() -> str:
    """Return a function that removes the case of texts as ``casefold`` does."""
    singles: dict[str, str] = {}
    several: dict[str, str] = {}
    for code in range(128, sys.maxunicode + 1):
        letter = chr(code)
        folded = letter.casefold()
        if folded != letter:
            (singles if len(folded) == 1 else several)[letter] = folded
    ascii_letters = {chr(code): chr(code + 32) for code in range(65, 91)}
    singles = ascii_letters | singles
    expanded = "value"
    for letter, folded in several.items():
        expanded = f"replace({expanded}, '{letter}', '{folded}')"
    sources, targets = "".join(singles), "".join(singles.values())
    return f"""
CREATE FUNCTION dmc_folded(value text) RETURNS text
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
SELECT CASE WHEN octet_length(value) = char_length(value)
THEN lower(value COLLATE "C")
WHEN value COLLATE "C" ~ '[{"".join(several)}]'
THEN translate({expanded}, '{sources}', '{targets}')
ELSE translate(value, '{sources}', '{targets}') END $$
"""
