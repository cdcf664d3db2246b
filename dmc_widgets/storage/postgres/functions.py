"""The functions of SQLite that the workspace's statements call, for PostgreSQL.

They stand in the schema of the workspace, and do what its statements need of them.
"""

from __future__ import annotations

from typing import Final

FUNCTIONS: Final = (
    "CREATE DOMAIN blob AS bytea",
    """
    CREATE FUNCTION json_each(document text) RETURNS TABLE (value text)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT json_array_elements_text(document::json) $$
    """,
    """
    CREATE FUNCTION json_extract(document text, path text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT document::json ->> substr(path, 3) $$
    """,
    """
    CREATE FUNCTION json_set(document text, path text, value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT jsonb_set(document::jsonb, ARRAY[substr(path, 3)], to_jsonb(value))::text
    $$
    """,
    """
    CREATE FUNCTION json_insert(document text, path text, value text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT (document::jsonb || to_jsonb(value))::text $$
    """,
    """
    CREATE FUNCTION instr(whole text, part text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT strpos(whole, part) $$
    """,
    """
    CREATE FUNCTION instr(whole bytea, part bytea) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT position(part IN whole) $$
    """,
    """
    CREATE FUNCTION max(one anycompatible, other anycompatible) RETURNS anycompatible
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT greatest(one, other) $$
    """,
)
"""*path* is ``$.name``; :func:`json_insert` is called with ``$[#]``, the end."""

NOCASE: Final = (
    "CREATE COLLATION nocase "
    "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)
PLAIN_NOCASE: Final = 'CREATE COLLATION nocase FROM "C"'
"""For servers that were built without ICU: they sort capitals before other letters."""
