"""The list of templates: layout and wiring over TemplateListState."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as ipw

from ...languages import gettext as _
from ...languages import lazy, ngettext
from ...model.plan import MAX_TEMPLATE_NAME, Template
from ...states.actions.templates import (
    delete_selected_templates,
    duplicate_template,
    open_template,
    read_template_file,
    rename_template,
)
from ...states.dashboard_session import DashboardSession
from ...states.model_words import translate_word
from ...states.template_list_state import (
    describe_template,
    get_template_type,
    list_template_details,
)
from ..controls import (
    Column,
    DownloadButton,
    FilterBar,
    PagedTable,
    Sort,
    UploadControl,
)
from ..parts.confirmation import Confirmation
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    card,
    checkbox,
    html,
    set_visible,
    text_field,
)
from ..parts.guard import Guard

_COLUMNS = (
    Column("name", lazy("Name"), kind="link", sortable=True, clip=True),
    Column("action", lazy("Action"), sortable=True, width="90px"),
    Column("type", lazy("Entity Type"), sortable=True, clip=True, width="150px"),
    Column("content", lazy("What It Chooses"), clip=True, width="30%", priority=2),
    Column(
        "created",
        lazy("Created"),
        kind="time",
        sortable=True,
        width="110px",
        priority=3,
    ),
    Column("used", lazy("Last Used"), kind="time", sortable=True, width="110px"),
    Column("user", lazy("Author"), sortable=True, clip=True, width="110px", priority=4),
    Column("menu", lazy("Actions"), kind="actions", width="44px"),
)
_USE, _SHOW, _RENAME = lazy("Use"), lazy("Show Content"), lazy("Rename")
_DUPLICATE, _DOWNLOAD, _DELETE = lazy("Duplicate"), lazy("Download"), lazy("Delete")
_MENU = [(label, label) for label in (_USE, _SHOW, _RENAME, _DUPLICATE, _DOWNLOAD)]


class TemplateRows:
    """The matching templates of a session as the rows of a table."""

    def __init__(self, session: DashboardSession) -> None:
        self._state = session.templates

    def count(self, _query: str) -> int:
        """Return the number of templates that match."""
        return len(self._state.matching)

    def rows(
        self, offset: int, limit: int, sort: Sort | None, _query: str
    ) -> list[dict[str, Any]]:
        """Return some of them, sorted."""
        key, descending = sort or ("name", False)
        found = self._state.sort(key, descending=descending)
        return [_build_row(template) for template in found[offset : offset + limit]]


class RenamePanel(ipw.VBox):
    """Asks for the other name of a template."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.name = text_field(_("New Name"), "dmc-required")
        self.save, self.cancel = button(_("Rename"), "primary"), button(_("Cancel"))
        self.save.on_click(guard.on_click(self._save))
        self.cancel.on_click(lambda _button: self._close())
        super().__init__([self.name, button_bar(self.cancel, self.save)])
        add_classes(self, "dmc-card", "dmc-rename")
        call_on_change(session.templates, "renamed", self._show)
        self._show()

    def _show(self) -> None:
        name = self._session.templates.renamed
        set_visible(self, bool(name))
        if name:
            self.name.value = name
            self.name.focus()

    def _close(self) -> None:
        self._session.templates.renamed = ""

    def _save(self) -> None:
        rename_template(self._session, self.name.value)


class ContentPanel(ipw.VBox):
    """Everything that one template chooses."""

    def __init__(self) -> None:
        self.content = html("", "dmc-facts")
        self.close_button = button(_("Close"))
        self.close_button.on_click(lambda _button: set_visible(self, False))
        panel = card(_("What the Template Chooses"), self.content, self.close_button)
        super().__init__([panel])
        set_visible(self, False)

    def show_template(self, template: Template) -> None:
        """Show the choices of a template."""
        pairs = "".join(
            f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>"
            for label, value in (
                (_("Template"), template.name),
                *list_template_details(template),
            )
        )
        self.content.value = f"<dl>{pairs}</dl>"
        set_visible(self, True)
        self.close_button.focus()


class TemplateList(ipw.VBox):
    """Lists the templates of the workspace, and all that can be done with them."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        state = session.templates
        self.filters = FilterBar({"action": _("Action")}, label=_("Search Templates"))
        self.delete = button(_("Delete"))
        self.download = DownloadButton(
            _("Download Selected"), self._open_selected, look="secondary"
        )
        self.confirmation = Confirmation(
            _("Delete"), guard.on_change(delete_selected_templates, session)
        )
        self.rename, self.content = RenamePanel(session, guard), ContentPanel()
        self.table = PagedTable(
            TemplateRows(session),
            _COLUMNS,
            label=_("Templates"),
            sort=("name", False),
            selectable=True,
            dense=True,
            empty_text=_("No template was found. Save one in a form, or add a file."),
            on_link=lambda name: guard.run(open_template, session, name),
            on_action=self._run_action,
            on_select=lambda names: setattr(state, "selected", tuple(names)),
        )
        self.single = DownloadButton(_("Download"), _open_nothing, look="hidden")
        self._wire()
        bar = ipw.HBox([self.filters, self.download, self.delete])
        add_classes(bar, "dmc-list-bar")
        panels = [self.confirmation, self.rename, self.content]
        super().__init__(
            [bar, *panels, self.table, self.single, self._build_file_card()]
        )

    def _build_file_card(self) -> ipw.VBox:
        self.replace = checkbox(_("Replace templates of the same names"))
        self.upload = UploadControl(
            self._session.center.files.new_upload,
            self._take_file,
            label=_("Template File"),
            accept=[".yaml", ".yml", ".json"],
        )
        return card(_("Add Templates from a File"), self.upload, self.replace)

    def _wire(self) -> None:
        state = self._session.templates
        self.filters.observe(lambda _change: self._search(), ["query", "chosen"])
        call_on_change(state, ["keyword", "action"], self.table.restart)
        call_on_change(state, "templates", self._show_templates)
        call_on_change(state, "selected", self._show_selection)
        self.delete.on_click(lambda _button: self._ask())
        self._show_templates()
        self._show_selection()

    def _search(self) -> None:
        state = self._session.templates
        state.keyword = self.filters.query
        state.action = self.filters.chosen.get("action", "")

    def _show_templates(self) -> None:
        counts = self._session.templates.count_actions()
        self.filters.set_options("action", [(key, key, n) for key, n in counts.items()])
        self.table.refresh()

    def _show_selection(self) -> None:
        selected = self._session.templates.selected
        self.table.selected = selected
        for widget in (self.delete, self.download):
            set_visible(widget, bool(selected))
        self.confirmation.hide()

    def _run_action(self, name: str, action: str) -> None:
        session = self._session
        if action == _USE:
            self._guard.run(open_template, session, name)
        elif action == _SHOW:
            self._guard.run(self._show_content, name)
        elif action == _RENAME:
            session.templates.renamed = name
        elif action == _DUPLICATE:
            self._guard.run(duplicate_template, session, name)
        elif action == _DOWNLOAD:
            self.single.open_file = lambda: self._open([name])
            self.single.start()
        else:
            session.templates.selected = (name,)
            self._ask()

    def _show_content(self, name: str) -> None:
        self.content.show_template(self._session.center.templates.get(name))

    def _ask(self) -> None:
        names = self._session.templates.selected
        question = ngettext(
            "Delete the template '{name}'? This cannot be undone.",
            "Delete {count} templates? This cannot be undone.",
            len(names),
        )
        self.confirmation.ask(question.format(name=names[0], count=len(names)))

    def _open_selected(self) -> tuple[str, Iterable[bytes]]:
        return self._open(self._session.templates.selected)

    def _open(self, names: Iterable[str]) -> tuple[str, Iterable[bytes]]:
        listed = [*names]
        name = f"{listed[0]}.yaml" if len(listed) == 1 else "templates.yaml"
        text = self._session.center.templates.write(listed, name)
        return name.replace("/", "-"), [text.encode()]

    def _take_file(self, path: Path, name: str) -> None:
        replace = self.replace.value
        self._guard.run(read_template_file, self._session, path, name, replace)


def _open_nothing() -> tuple[str, Iterable[bytes]]:
    return "", []


def _build_row(template: Template) -> dict[str, Any]:
    return {
        "key": template.name,
        "strong": True,
        "name": template.name[:MAX_TEMPLATE_NAME],
        "action": translate_word(template.plan.action),
        "type": get_template_type(template),
        "content": describe_template(template),
        "created": template.created,
        "used": template.used,
        "user": template.author,
        "menu": [*_MENU, (_DELETE, _DELETE)],
    }
