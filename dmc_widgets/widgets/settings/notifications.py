"""Who gets a message when a long task ends: a list, and a form that adds to it."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets as ipw

from ...center.notifications import Notification
from ...errors import DmcError
from ...languages import gettext as _
from ...languages import lazy
from ...objects.fields.encrypted import Secret
from ...states.actions.settings import (
    add_notification,
    remove_notification,
    send_test_message,
)
from ...states.dashboard_session import DashboardSession
from ...states.task_state import format_duration
from ..controls import Column, PagedTable
from ..parts.confirmation import Confirmation
from ..parts.form_inputs import (
    add_classes,
    button,
    button_bar,
    call_on_change,
    checkbox,
    heading,
    html,
    link_traits,
    set_visible,
    spacer,
    text_field,
)
from ..parts.guard import Guard
from ..parts.table_rows import ListRows

_HELP = lazy(
    "A message states the status and the counts of a task, never a value of a record. "
    "The task itself sends it, so no page has to be open."
)
_ADDRESS_HELP = lazy(
    "An address of Apprise: mail (mailto://user:password@example.com), a webhook "
    "(jsons://hooks.example.com/path), a chat (slack://…). It is stored in the keyring "
    "of the system."
)
_COLUMNS = (
    Column("name", lazy("Name")),
    Column("service", lazy("Service")),
    Column("tasks", lazy("Tasks")),
    Column("after", lazy("Minimum Duration")),
    Column("menu", lazy("Actions"), kind="actions"),
)
_TEST, _REMOVE = lazy("Send Test Message"), lazy("Remove")


class NotificationsCard(ipw.VBox):
    """The notifications of the workspace, tests of them, and another one."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session, self._guard = session, guard
        self._removed = ""
        state = session.notifications
        self.form = AddNotification(session, guard)
        self.confirmation = Confirmation(_REMOVE, self._remove)
        self.table = PagedTable(
            ListRows(lambda _query: state.notifications, _build_row),
            _COLUMNS,
            label=_("Notifications"),
            empty_text=_("No message is sent when a task ends."),
            on_action=self._run_action,
        )
        call_on_change(state, "notifications", self.table.refresh)
        head = ipw.HBox([heading(_("Notifications")), spacer(), self.form.opener])
        super().__init__(
            [
                add_classes(head, "dmc-card-head"),
                html(_HELP, "dmc-help"),
                self.form,
                self.confirmation,
                self.table,
            ]
        )
        self.add_class("dmc-card")

    def _run_action(self, name: str, action: str) -> None:
        if action == _TEST:
            self._guard.run(send_test_message, self._session, name)
            return
        self._removed = name
        self.confirmation.ask(
            _("Remove {name}? It gets no message any more.").format(name=name)
        )

    def _remove(self) -> None:
        self.confirmation.hide()
        self._guard.run(remove_notification, self._session, self._removed)


class AddNotification(ipw.VBox):
    """Asks for an address, and for the tasks whose ends are reported.

    Attributes:
        opener: The button that shows this form; the card holds it.
    """

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.opener = button(_("Add Notification"))
        self.name = text_field(_("Name of the Notification"), "dmc-required")
        self.address = add_classes(
            ipw.Password(description=_("Address")), "dmc-field", "dmc-required"
        )
        self.after = text_field(_("Minimum Duration in Seconds"))
        self.only_failed = checkbox(_("Only Tasks That Did Not Complete"))
        self.error = html("", "dmc-error")
        self.cancel, self.add = button(_("Cancel")), button(_("Add"), "primary")
        self.opener.on_click(lambda _button: self._open())
        self.cancel.on_click(lambda _button: self._close())
        self.add.on_click(guard.on_click(self._add))
        state = session.notifications
        link_traits(
            state,
            {
                "name": self.name,
                "after": self.after,
                "only_failed": self.only_failed,
            },
        )
        super().__init__(
            [
                add_classes(ipw.HBox([self.name, self.after]), "dmc-pair"),
                self.address,
                html(_ADDRESS_HELP, "dmc-help"),
                self.only_failed,
                self.error,
                button_bar(self.cancel, self.add),
            ]
        )
        self.add_class("dmc-section")
        set_visible(self, False)

    def _open(self) -> None:
        self._session.notifications.reset()
        self.address.value = self.error.value = ""
        set_visible(self, True)
        self.name.focus()

    def _close(self) -> None:
        self.address.value = ""  # no secret stays in the page
        set_visible(self, False)
        self.opener.focus()

    def _add(self) -> None:
        try:
            add_notification(self._session, Secret(self.address.value.strip()))
        except DmcError as exc:
            self.error.value = f'<span role="alert">{escape(str(exc))}</span>'
        else:
            self._close()


def _build_row(notification: Notification) -> dict[str, Any]:
    after_s = notification.after_s
    return {
        "key": notification.name,
        "strong": True,
        "name": notification.name,
        "service": notification.service,
        "tasks": _("Not completed") if notification.only_failed else _("All"),
        "after": format_duration(after_s) if after_s else "",
        "menu": [(_TEST, _TEST), (_REMOVE, _REMOVE)],
    }
