"""Templates: plans under a name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace

from ..errors import NameTaken, UnknownName
from ..model.plan import Action, SinglePlan, Template, single_plan_from_dict
from .database import WorkspaceDatabase


class TemplateStore:
    """The templates of a workspace; exports and imports share one namespace."""

    def __init__(
        self,
        database: WorkspaceDatabase,
        now: Callable[[], str],
        author: Callable[[], str],
    ) -> None:
        self._database = database
        self._now = now
        self._author = author

    def all(self, action: Action | None = None) -> list[Template]:
        """Return the templates by name, all or those of one action."""
        rows = self._database.rows(
            "SELECT * FROM template WHERE ? IS NULL OR action = ? ORDER BY name",
            [action, action],
        )
        return [_template(row) for row in rows]

    def get(self, name: str) -> Template:
        """Return the template called *name*.

        Raises:
            UnknownName: There is none; the error lists the known names.
        """
        known = self.all()
        for template in known:
            if template.name == name:
                return template
        raise UnknownName(
            kind="template", name=name, known=tuple(template.name for template in known)
        )

    def add(self, name: str, plan: SinglePlan) -> Template:
        """Store *plan* under *name*, without the name of the task.

        Raises:
            InvalidPlan: The name is empty or too long.
            NameTaken: A template of that name exists.
        """
        name = name.strip()
        template = Template(name=name, plan=replace(plan, name=""))
        with self._database.transaction() as connection:
            existing = connection.execute(
                "SELECT 1 FROM template WHERE name = ?", [name]
            )
            if existing.fetchone():
                raise NameTaken(kind="template", name=name)
            connection.execute(
                "INSERT INTO template (name, action, plan, created, author) "
                "VALUES (?, ?, ?, ?, ?)",
                [
                    name,
                    plan.action,
                    json.dumps(template.plan.as_dict()),
                    self._now(),
                    self._author(),
                ],
            )
        return self.get(name)

    def delete(self, name: str) -> None:
        """Remove the template called *name*.

        Raises:
            UnknownName: There is none.
        """
        template = self.get(name)
        self._database.run("DELETE FROM template WHERE id = ?", [template.id])


def _template(row: sqlite3.Row) -> Template:
    return Template(
        id=row["id"],
        name=row["name"],
        plan=single_plan_from_dict(json.loads(row["plan"])),
        created=row["created"],
        author=row["author"],
    )
