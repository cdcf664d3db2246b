"""Templates: plans under a name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from ..errors import NameTaken, UnknownName
from ..model.plan import Action, SinglePlan, Template, single_plan_from_dict
from ..model.roles import Role
from ..storage.database import Row, Transaction
from .database import WorkspaceDatabase
from .permissions import Permissions


class TemplateStore:
    """The templates of a workspace; exports and imports share one namespace."""

    def __init__(
        self,
        database: WorkspaceDatabase,
        now: Callable[[], str],
        author: Callable[[], str],
        permissions: Permissions,
    ) -> None:
        self._permissions = permissions
        self._database = database
        self._now = now
        self._author = author

    def all(self, action: Action | None = None) -> list[Template]:
        """Return the templates by name, all or those of one action."""
        rows = self._database.rows(
            "SELECT * FROM template WHERE CAST(? AS TEXT) IS NULL OR action = ? "
            "ORDER BY name",
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
        self._permissions.require_anywhere(Role.EXPORT)
        name = name.strip()
        template = Template(name=name, plan=replace(plan, name=""))
        with self._database.transaction() as connection:
            _require_free_name(connection, name)
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

    def rename(self, name: str, new_name: str) -> Template:
        """Give a template another name.

        Raises:
            InvalidPlan: The new name is empty or too long.
            NameTaken: A template of the new name exists.
            UnknownName: There is no template called *name*.
        """
        self._permissions.require_anywhere(Role.EXPORT)
        template = replace(self.get(name), name=new_name.strip())
        with self._database.transaction() as connection:
            if name != template.name:
                _require_free_name(connection, template.name)
            connection.execute(
                "UPDATE template SET name = ?, modified = ? WHERE id = ?",
                [template.name, self._now(), template.id],
            )
        return self.get(template.name)

    def put(self, name: str, plan: SinglePlan) -> Template:
        """Store *plan* under *name*, in place of what the template held.

        Raises:
            InvalidPlan: The name is empty or too long.
        """
        self._permissions.require_anywhere(Role.EXPORT)
        template = Template(name=name.strip(), plan=replace(plan, name=""))
        with self._database.transaction() as connection:
            changed = connection.execute(
                "UPDATE template SET action = ?, plan = ?, modified = ? WHERE name = ?",
                [
                    plan.action,
                    json.dumps(template.plan.as_dict()),
                    self._now(),
                    template.name,
                ],
            )
        return self.get(template.name) if changed.rowcount else self.add(name, plan)

    def mark_used(self, name: str) -> None:
        """Record that a template is used now; nothing happens if there is none."""
        self._database.run(
            "UPDATE template SET used = ? WHERE name = ?", [self._now(), name]
        )

    def delete(self, name: str) -> None:
        """Remove the template called *name*.

        Raises:
            UnknownName: There is none.
        """
        self._permissions.require_anywhere(Role.EXPORT)
        template = self.get(name)
        self._database.run("DELETE FROM template WHERE id = ?", [template.id])


def _require_free_name(connection: Transaction, name: str) -> None:
    row = connection.execute("SELECT 1 FROM template WHERE name = ?", [name]).fetchone()
    if row is not None:
        raise NameTaken(kind="template", name=name)


def _template(row: Row) -> Template:
    return Template(
        id=row["id"],
        name=row["name"],
        plan=single_plan_from_dict(json.loads(row["plan"])),
        created=row["created"],
        author=row["author"],
        modified=row["modified"],
        used=row["used"],
    )
