"""The templates of a workspace: named plans."""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import NameTaken
from ..model.coercion import parse_optional_choice
from ..model.plan import MAX_TEMPLATE_NAME, Action, SinglePlan, Template
from ..storage.remote_addresses import find_address
from ..tasks.imports.template_files import read_templates, write_templates
from .base import CenterPart
from .target_files import find_target, write_file


class Templates(CenterPart):
    """Saves plans under a name and finds them again: ``center.templates``."""

    def list(self, action: Action | str | None = None) -> builtins.list[Template]:
        """Return the templates by name, all of them or those of one direction.

        Raises:
            UnknownChoice: *action* is not ``Export`` or ``Import``.
        """
        chosen = parse_optional_choice(Action, action, "action")
        return self._workspace.templates.all(chosen)

    def __iter__(self) -> Iterator[Template]:
        """Iterate over the templates by name."""
        return iter(self.list())

    def __getitem__(self, name: str) -> Template:
        """Return the template called *name*; see :meth:`get`."""
        return self.get(name)

    def get(self, name: str) -> Template:
        """Return the template called *name*.

        Raises:
            UnknownName: There is none; the error lists the known ones.
        """
        return self._workspace.templates.get(name)

    def save(self, name: str, plan: SinglePlan) -> Template:
        """Save everything that *plan* states under *name*.

        >>> center.templates.save("Weekly", dmc.ExportPlan(entity_type="Ticket"))

        Raises:
            InvalidPlan: The name is empty or too long.
            NameTaken: There is a template of that name.
        """
        return self._workspace.templates.add(name, plan)

    def update(self, name: str, plan: SinglePlan) -> Template:
        """Save *plan* under *name*, in place of what the template held.

        Raises:
            InvalidPlan: The name is empty or too long.
        """
        return self._workspace.templates.put(name, plan)

    def rename(self, name: str, new_name: str) -> Template:
        """Give a template another name.

        Raises:
            InvalidPlan: The new name is empty or too long.
            NameTaken: There is a template of that name.
            UnknownName: There is no template called *name*.
        """
        return self._workspace.templates.rename(name, new_name)

    def duplicate(self, name: str, new_name: str = "") -> Template:
        """Save a copy of a template.

        Args:
            name: The name of the template.
            new_name: The name of the copy; empty for ``Weekly (Copy)`` and so on.

        Raises:
            InvalidPlan: The new name is too long.
            NameTaken: There is a template of that name.
            UnknownName: There is no template called *name*.
        """
        plan = self.get(name).plan
        return self.save(new_name or self._find_free_name(name), plan)

    def _find_free_name(self, name: str) -> str:
        taken = {template.name for template in self.list()}
        marks = itertools.chain(
            [" (Copy)"], (f" (Copy {number})" for number in itertools.count(2))
        )
        names = (name[: MAX_TEMPLATE_NAME - len(mark)] + mark for mark in marks)
        return next(free for free in names if free not in taken)

    def use(self, name: str) -> SinglePlan:
        """Return the plan of a template, and record that it is used now.

        Raises:
            UnknownName: There is none of that name.
        """
        plan = self.get(name).plan
        self._workspace.templates.mark_used(name)
        return plan

    def write(self, names: Iterable[str], file_name: str = "templates.yaml") -> str:
        """Return templates as the text of a file: JSON if its name ends so, else YAML.

        >>> Path("weekly.yaml").write_text(center.templates.write(["Weekly"]))

        Raises:
            UnknownName: There is none of a name.
        """
        return write_templates([self.get(name) for name in names], file_name)

    def write_to(self, names: Iterable[str], path: Path | str) -> None:
        """Write templates into a file, or to its address; see :meth:`write`.

        >>> center.templates.write_file(["Weekly"], "s3://bucket/weekly.yaml")

        Args:
            names: The names of the templates.
            path: The file, which is replaced if it is there.

        Raises:
            UnknownName: There is none of a name.
            InvalidPlan: Nothing can be written to the address.
        """
        text = self.write(names, find_target(path).name)
        write_file(self._workspace, path, [text.encode()])

    def read(
        self, path: Path | str, name: str | None = None, *, replace: bool = False
    ) -> builtins.list[Template]:
        """Save the templates of a file that :meth:`write` made, all of them or none.

        Args:
            path: The file, or its address.
            name: The file's own name where *path* is only where it is stored.
            replace: Take the place of templates of the same names, which are refused
                otherwise.

        Raises:
            FileUnreadable: The file cannot be read, or is larger than 4 MB.
            InvalidPlan: The file does not hold templates.
            NameTaken: There is a template of a name.
            DmcError: As for :meth:`Sources.download`, for an address.
        """
        source = find_address(path)
        policy = self._workspace.source_policy
        found = read_templates(source, name or source.name, policy)
        taken = {template.name for template in self.list()}
        for template in found:
            if template.name in taken and not replace:
                raise NameTaken(kind="template", name=template.name)
        return [self.update(template.name, template.plan) for template in found]

    def delete(self, name: str) -> None:
        """Delete the template called *name*.

        Raises:
            UnknownName: There is none.
        """
        self._workspace.templates.delete(name)
