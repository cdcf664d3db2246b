"""The sites that an embedded database knows.

A database has no sites of its own, but keys of sites that entries name. A key that
nobody has made known is taken for a slip: else each slip would make a new site. Known
are the two sites that every company of Liferay has, and those that somebody added: by
an import that says so, a migration, or :meth:`SqlInstallation.add_site`.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from .tables import site


def known_sites(connection: Connection) -> list[str]:
    """Return the keys of the known sites, in order."""
    return list(connection.scalars(select(site.c.key).order_by(site.c.key)))


def add_sites(connection: Connection, keys: Iterable[str]) -> None:
    """Make sites known; those that are known already stay so."""
    new = sorted(set(keys) - set(known_sites(connection)))
    if new:
        connection.execute(insert(site), [{"key": key} for key in new])
