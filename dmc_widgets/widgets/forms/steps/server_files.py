"""Files of the server and of other hosts, beside the upload of the step *File*."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import ipywidgets as ipw

from ....center.sources import ServerFile
from ....languages import gettext as _
from ....model.representation import format_bytes, printable
from ....states.dashboard_session import DashboardSession
from ....states.paths.server_source import ServerSource
from ...controls import LinkGroup, LinkItem, LinkList
from ...parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    html,
    link_traits,
    set_visible,
    text_field,
)
from ...parts.guard import Guard
from ...theme import render_alert

_PLACEHOLDER = "https://files.example.com/a.csv, s3://bucket/a.csv"
_SHOWN_TRAITS = ["is_busy", "received", "size", "error", "name"]


class ServerFiles(ipw.VBox):
    """Chooses a file of the server's folders, or at a URL; hidden without either.

    Args:
        session: The session, whose source fetches the files.
        guard: Shows errors.

    Attributes:
        opener: The button that shows the files of the server.
        files: The files of the server, with a search.
        url: The address of a file elsewhere.
        download: The button that downloads it.
        cancel: The button that stops what is on its way.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._state = session, session.source
        self.opener = button(_("Choose a File on the Server"))
        self.files = LinkList(
            _("Files on the Server"),
            searchable=True,
            search_label=_("Search Files on the Server"),
            empty_text=_("No file on the server can be imported."),
            on_link=lambda key: guard.run(self._choose, key),
        )
        self.url = text_field(_("URL"), placeholder=_PLACEHOLDER)
        self.download = button(_("Download"))
        self.progress, self.error = html("", "dmc-help"), html("")
        self.cancel = button(_("Cancel Download"))
        link_traits(self._state, {"url": self.url})
        self.opener.on_click(guard.on_click(self._toggle))
        self.download.on_click(guard.on_click(self._state.fetch_url))
        self.cancel.on_click(guard.on_click(self._state.cancel))
        address = add_classes(ipw.HBox([self.url, self.download]), "dmc-toolbar")
        self._address = add_classes(address, "dmc-source-url")
        self.more = html(_("There are more files; these are the newest."), "dmc-help")
        self._list = ipw.VBox([self.files, self.more])
        add_classes(self._list, "dmc-source-files")
        run = add_classes(ipw.HBox([self.progress, self.cancel]), "dmc-source-run")
        self._run = run
        parts = [self.opener, self._list, self._address, self._run, self.error]
        super().__init__(parts)
        add_classes(self, "dmc-sources")
        call_on_change(self._state, ["files", "left_off"], self._list_files)
        call_on_change(self._state, _SHOWN_TRAITS, self._show)
        call_on_change(self._state, ["has_folders", "has_hosts"], self._show)
        call_on_change(self._state, "url", self._show)
        call_on_change(session.import_form, "file_name", self._show)
        set_visible(self._list, False)
        self._show()

    def _choose(self, key: str) -> None:
        folder, _slash, name = key.partition("\n")
        found = [x for x in self._state.files if (x.folder, x.name) == (folder, name)]
        if found:
            self._state.fetch_file(found[0])

    def _toggle(self) -> None:
        is_hidden = self._list.layout.display == "none"
        if is_hidden:
            self._state.list_files()
        set_visible(self._list, is_hidden)

    def _list_files(self) -> None:
        groups: dict[str, list[LinkItem]] = {}
        for file in self._state.files:
            groups.setdefault(file.folder, []).append(_build_item(file))
        set_visible(self.more, self._state.left_off)
        self.files.show([LinkGroup(*group) for group in groups.items()])

    def _show(self) -> None:
        state = self._state
        has_file = bool(self._session.import_form.file_name)
        is_open = not has_file and not state.is_busy
        set_visible(self.opener, state.has_folders and is_open)
        if not is_open:
            set_visible(self._list, False)
        set_visible(self._address, state.has_hosts and is_open)
        self.download.disabled = not state.url.strip()
        set_visible(self._run, state.is_busy)
        self.progress.value = _render_progress(state) if state.is_busy else ""
        self.error.value = render_alert(state.error, "danger") if state.error else ""
        set_visible(self.error, bool(state.error) and is_open)
        has_source = state.has_folders or state.has_hosts
        set_visible(self, has_source and not has_file)


def _build_item(file: ServerFile) -> LinkItem:
    moment = datetime.fromtimestamp(file.modified, UTC)
    return LinkItem(
        key=f"{file.folder}\n{file.name}",
        label=printable(file.name),
        detail=f"{format_bytes(file.size)} · {moment:%Y-%m-%d %H:%M} UTC",
        hint=file.folder,
    )


def _render_progress(state: ServerSource) -> str:
    received = format_bytes(state.received)
    if state.size:
        text = _("{loaded} of {size}").format(
            loaded=received, size=format_bytes(state.size)
        )
        bar = f'<progress max="{state.size}" value="{state.received}"></progress>'
    else:
        text, bar = received, "<progress></progress>"
    name = f'<strong dir="auto">{escape(printable(state.name))}</strong>'
    return f'<span role="status">{name} {bar} {escape(text)}</span>'
