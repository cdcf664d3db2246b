"""Uploads that a reloaded page has left, below the choice of a file."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as ipw

from ....center.files import UnfinishedUpload
from ....languages import gettext as _
from ....states.dashboard_session import DashboardSession
from ....states.dashboard_state import DashboardPage
from ....states.paths.unfinished_uploads import UnfinishedUploads, describe_upload
from ...parts.form_inputs import (
    add_classes,
    button,
    call_on_change,
    html,
    set_visible,
)
from ...parts.guard import Guard


class UnfinishedUploadList(ipw.VBox):
    """Says what is here of each unfinished upload, and discards one.

    Args:
        session: The session; each refresh of the form reads the list.
        guard: Shows errors.
        is_sending: Returns True while this page sends a file, maybe the same.
    """

    def __init__(
        self,
        session: DashboardSession,
        guard: Guard,
        is_sending: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._session, self._guard = session, guard
        self._is_sending = is_sending
        self._state = UnfinishedUploads(session.center)
        add_classes(self, "dmc-unfinished-uploads")
        call_on_change(self._state, "uploads", self._show)
        session.pulses.append(self._read)
        self._show()

    def _read(self) -> None:
        """Read the list while there is no file and somebody might choose one."""
        session = self._session
        if session.dashboard.page is not DashboardPage.IMPORT:
            return
        if session.import_form.file_name or self._is_sending():
            self._state.uploads = ()
        else:
            self._state.load()

    def _show(self) -> None:
        uploads = self._state.uploads
        self.children = [self._build_row(upload) for upload in uploads]
        set_visible(self, bool(uploads))

    def _build_row(self, upload: UnfinishedUpload) -> ipw.Widget:
        text = escape(describe_upload(upload))
        discard = button(
            _("Discard"), tooltip=_("Discard {name}").format(name=upload.name)
        )
        discard.on_click(self._guard.on_click(self._state.discard, upload.key))
        row = ipw.HBox([html(f'<span dir="auto" role="status">{text}</span>'), discard])
        return add_classes(row, "dmc-toolbar")
