"""Plans and templates with their mappings and policies, in the sandbox's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..database import SandboxDatabase

Row = Mapping[str, Any]
"""The values of a row by the names of its columns."""


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan, or a template, as it is stored.

    Attributes:
        id: The id of the plan.
        values: The values of its columns.
        mappings: The values of the columns of each mapping.
        policies: The values of the columns of each policy.
    """

    id: int
    values: Row
    mappings: tuple[Row, ...] = ()
    policies: tuple[Row, ...] = ()

    @property
    def is_template(self) -> bool:
        """True if the plan can be changed and chosen for other plans."""
        return bool(self.values["template"])


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """What changes of a template.

    Attributes:
        values: New values by column.
        mappings: New values of mappings by the id of each.
        policies: New values of policies by the name of each.
    """

    values: Row
    mappings: Mapping[int, Row]
    policies: Mapping[str, str]


class PlanStore:
    """Adds, finds, changes and removes plans.

    Args:
        database: The open database of the sandbox.
    """

    def __init__(self, database: SandboxDatabase) -> None:
        self._database = database

    def add(
        self, values: Row, mappings: Sequence[Row], policies: Sequence[Row]
    ) -> StoredPlan:
        """Store a new plan with its mappings and policies, all or nothing."""
        with self._database.transaction() as connection:
            plan_id = _insert(connection, "plan", values)
            for mapping in mappings:
                _insert(connection, "plan_mapping", {**mapping, "plan_id": plan_id})
            for policy in policies:
                _insert(connection, "plan_policy", {**policy, "plan_id": plan_id})
        stored = self.find(plan_id)
        assert stored is not None
        return stored

    def find(self, plan_id: int) -> StoredPlan | None:
        """Return the plan that has an id, or None."""
        rows = self._database.rows("SELECT * FROM plan WHERE id = ?", (plan_id,))
        return self._load(rows[0]) if rows else None

    def page(self, start: int, count: int) -> tuple[list[StoredPlan], int]:
        """Return plans and templates by their ids, and the number of all.

        Args:
            start: The number of plans before the first.
            count: The largest number of plans to return.
        """
        query = "SELECT * FROM plan ORDER BY id LIMIT ? OFFSET ?"
        rows = self._database.rows(query, (count, start))
        total = self._database.rows("SELECT count(*) AS total FROM plan")[0]["total"]
        return [self._load(row) for row in rows], total

    def find_template(self, name: str) -> int | None:
        """Return the id of the template that has a name, or None."""
        query = "SELECT id FROM plan WHERE template = 1 AND name = ?"
        rows = self._database.rows(query, (name,))
        return rows[0]["id"] if rows else None

    def change(self, plan_id: int, change: PlanChange) -> StoredPlan | None:
        """Change a template, all or nothing; None if it is gone."""
        with self._database.transaction() as connection:
            _update(connection, "plan", {"id": plan_id}, change.values)
            for mapping_id, values in change.mappings.items():
                key = {"id": mapping_id, "plan_id": plan_id}
                _update(connection, "plan_mapping", key, values)
            for name, value in change.policies.items():
                policy = {"plan_id": plan_id, "name": name}
                _update(connection, "plan_policy", policy, {"value": value})
        return self.find(plan_id)

    def remove(self, plan_id: int) -> bool:
        """Remove a plan with all that it has; return False if it is missing."""
        with self._database.transaction() as connection:
            for table in ("plan_mapping", "plan_policy"):
                connection.execute(
                    f"DELETE FROM {table} WHERE plan_id = ?",  # noqa: S608
                    (plan_id,),
                )
            removed = connection.execute("DELETE FROM plan WHERE id = ?", (plan_id,))
            return removed.rowcount > 0

    def _load(self, row: sqlite3.Row) -> StoredPlan:
        plan_id = row["id"]
        return StoredPlan(
            plan_id,
            dict(row),
            self._parts("mapping", plan_id),
            self._parts("policy", plan_id),
        )

    def _parts(self, kind: str, plan_id: int) -> tuple[Row, ...]:
        query = f"SELECT * FROM plan_{kind} WHERE plan_id = ? ORDER BY id"  # noqa: S608
        return tuple(dict(row) for row in self._database.rows(query, (plan_id,)))


def _insert(connection: sqlite3.Connection, table: str, values: Row) -> int:
    names = ", ".join(values)
    places = ", ".join(f":{name}" for name in values)
    statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
    return connection.execute(statement, dict(values)).lastrowid or 0


def _update(connection: sqlite3.Connection, table: str, key: Row, values: Row) -> None:
    if not values:
        return
    changes = ", ".join(f"{name} = :new_{name}" for name in values)
    where = " AND ".join(f"{name} = :{name}" for name in key)
    new = {f"new_{name}": value for name, value in values.items()}
    statement = f"UPDATE {table} SET {changes} WHERE {where}"  # noqa: S608
    connection.execute(statement, {**key, **new})
