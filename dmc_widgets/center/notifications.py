"""Notifications: who gets a message when a long task ends."""

from __future__ import annotations

import builtins

from ..model.roles import Role
from ..objects.fields.encrypted import Secret
from ..tasks.notifications import (
    DEFAULT_AFTER_S,
    Notification,
    add_notification,
    list_notifications,
    remove_notification,
    send_test,
)
from .base import CenterPart

__all__ = ["DEFAULT_AFTER_S", "Notification", "Notifications"]


class Notifications(CenterPart):
    """The notifications of the workspace: ``center.notifications``.

    A worker sends them when its task has ended, also when no page is open.
    """

    def add(
        self,
        name: str,
        address: str | Secret,
        *,
        after_s: float = DEFAULT_AFTER_S,
        only_failed: bool = False,
    ) -> Notification:
        """Add a notification; its address goes into the keyring, and nowhere else.

        >>> center.notifications.add("Ops", "jsons://hooks.example.com/dmc")

        Args:
            name: A name for it. Without a keyring, the environment variable
                ``DMC_NOTIFY_`` and the name holds the address.
            address: An address of Apprise: of mail, a webhook, a chat.
            after_s: Tasks that took fewer seconds are passed over.
            only_failed: So are tasks that completed.

        Raises:
            NameTaken: The name is taken.
            NotSupported: Apprise is missing or does not know the address, or the
                address cannot be stored.
        """
        self._workspace.permissions.require(Role.ADMINISTER)
        secret = address if isinstance(address, Secret) else Secret(address)
        notification = Notification(
            name=name, service="", after_s=after_s, only_failed=only_failed
        )
        return add_notification(self._workspace, notification, secret)

    def list(self) -> builtins.list[Notification]:
        """Return the notifications by name, without their addresses."""
        return list_notifications(self._workspace)

    def remove(self, name: str) -> None:
        """Remove a notification.

        Raises:
            UnknownName: The name is unknown.
        """
        self._workspace.permissions.require(Role.ADMINISTER)
        remove_notification(self._workspace, name)

    def test(self, name: str) -> bool:
        """Send a message at once; return False if it was not taken.

        Raises:
            UnknownName: The name is unknown.
            NotSupported: Apprise is missing, or the address cannot be read.
        """
        self._workspace.permissions.require(Role.ADMINISTER)
        return send_test(self._workspace, name)
