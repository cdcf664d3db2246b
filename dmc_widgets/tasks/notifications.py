"""Messages when a long task ends: by mail, to a webhook or to a chat, with Apprise.

An address of Apprise holds a password or a token more often than not. So the workspace
stores a name and what it is wanted for, and the address is in the keyring or in the
environment. Messages hold counts, never values of records.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from typing import Any, Final

from ..errors import DmcError, NameTaken, NotSupported, UnknownName
from ..installations.secret_store import find_text, save_text
from ..model.representation import ValueDisplay
from ..model.task import Task, TaskStatus
from ..objects.fields.encrypted import Secret
from ..workspace import Workspace

DEFAULT_AFTER_S: Final = 60
_SETTING: Final = "notifications"
_VARIABLE: Final = "DMC_NOTIFY"
_GOOD: Final = frozenset({TaskStatus.COMPLETED, TaskStatus.PAUSED})

_log = logging.getLogger(__name__)

Send = Callable[[str, str, str], bool]
"""Sends a message to an address: address, title, text; returns whether it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Notification(ValueDisplay):
    """Whom to tell of the ends of tasks, and of which.

    Attributes:
        name: The name under which its address is kept.
        service: What the address is, without its secrets: ``mailto://example.com``.
        after_s: Tasks that took less are passed over.
        only_failed: So are tasks that completed.
    """

    name: str
    service: str
    after_s: float = DEFAULT_AFTER_S
    only_failed: bool = False

    def is_for(self, task: Task) -> bool:
        """Return True if the end of *task* is to be reported."""
        if task.progress.elapsed_s < self.after_s:
            return False
        return not (self.only_failed and task.status in _GOOD)


def list_notifications(workspace: Workspace) -> list[Notification]:
    """Return the notifications of a workspace by name."""
    stored = json.loads(workspace.setting(_SETTING) or "[]")
    return [Notification(**data) for data in stored]


def add_notification(
    workspace: Workspace, notification: Notification, address: Secret
) -> Notification:
    """Store a notification, and its address in the keyring.

    Raises:
        NameTaken: The name is taken.
        NotSupported: Apprise is missing or does not know the address, or there is
            neither keyring nor environment variable for it.
    """
    others = list_notifications(workspace)
    if any(other.name == notification.name for other in others):
        raise NameTaken(kind="notification", name=notification.name)
    notification = replace(notification, service=describe_address(address))
    name = notification.name
    save_text(_entry(workspace, name), _variable(name), address, "address")
    _save(workspace, [*others, notification])
    return notification


def remove_notification(workspace: Workspace, name: str) -> None:
    """Remove a notification; its address stays in the keyring, without any use.

    Raises:
        UnknownName: The name is unknown.
    """
    notification = find_notification(workspace, name)
    others = list_notifications(workspace)
    others.remove(notification)
    _save(workspace, others)


def find_notification(workspace: Workspace, name: str) -> Notification:
    """Return the notification of a name.

    Raises:
        UnknownName: There is none.
    """
    known = {item.name: item for item in list_notifications(workspace)}
    if name not in known:
        raise UnknownName(kind="notification", name=name, known=tuple(known))
    return known[name]


def notify_of_end(workspace: Workspace, task: Task, send: Send | None = None) -> None:
    """Tell all whom the end of a task concerns; failures are logged, never raised.

    Args:
        workspace: Holds the notifications, and the history that notes the messages.
        task: The ended task.
        send: Sends a message; None sends it with Apprise.
    """
    try:
        chosen = [x for x in list_notifications(workspace) if x.is_for(task)]
        if not chosen:
            return
        title, text = format_message(task)
        sent = [x.name for x in chosen if _is_sent(workspace, x, title, text, send)]
        unsent = [x.name for x in chosen if x.name not in sent]
        texts = [f"Sent to {', '.join(sent)}."] if sent else []
        texts += [f"Not taken by {', '.join(unsent)}."] if unsent else []
        workspace.history.add(task, "Notify", " ".join(texts))
    except (DmcError, ValueError, TypeError):
        _log.exception("The end of task %s could not be notified", task.id)


def send_test(workspace: Workspace, name: str, send: Send | None = None) -> bool:
    """Send a message that tests a notification; return False if it was not taken.

    Raises:
        UnknownName: The name is unknown.
        NotSupported: Apprise is missing, or the address cannot be read.
    """
    notification = find_notification(workspace, name)
    text = f"Messages of {notification.name!r} arrive here when a long task ends."
    return _send(workspace, notification, "dmc: a test", text, send)


def format_message(task: Task) -> tuple[str, str]:
    """Return the title and the text of the message on a task's end.

    Why it stopped is there if an error of ours stopped it; the text on a record that
    failed could hold values of the record.
    """
    title = f"{task.action} of {task.entity_type} ({task.installation}): {task.status}"
    minutes, seconds = divmod(round(task.progress.elapsed_s), 60)
    lines = [
        f"Task {task.id}, {task.name}: {task.counts.summary}.",
        f"It took {minutes}:{seconds:02} minutes and was started by {task.author}.",
    ]
    if task.error_code:
        lines.append(task.error)
    lines.append(f"Details: dmc task show {task.id}")
    return title, "\n".join(lines)


def describe_address(address: Secret) -> str:
    """Return what an address is, without its secrets: ``json://hooks.example.com``.

    Raises:
        NotSupported: Apprise is missing, or does not know the address.
    """
    instance = _load_apprise().Apprise.instantiate(address.text)
    if instance is None:
        raise NotSupported(
            what="The address of the notification is of no known kind.",
            instead="Give one of Apprise, such as mailto://user:password@example.com "
            "or jsons://hooks.example.com/path.",
        )
    scheme = re.match(r"[a-zA-Z0-9]+", address.text)
    host = getattr(instance, "host", "") or ""
    return f"{scheme[0] if scheme else 'notify'}://{host}"


def _is_sent(
    workspace: Workspace,
    notification: Notification,
    title: str,
    text: str,
    send: Send | None,
) -> bool:
    try:
        return _send(workspace, notification, title, text, send)
    except (DmcError, OSError, ValueError, TypeError):  # the task has ended well
        _log.exception("Notification %r failed", notification.name)
        return False


def _send(
    workspace: Workspace,
    notification: Notification,
    title: str,
    text: str,
    send: Send | None,
) -> bool:
    name = notification.name
    address = find_text(_entry(workspace, name), _variable(name))
    if address is None:
        raise NotSupported(
            what=f"The address of the notification {name!r} is neither in the keyring "
            "nor in the environment.",
            instead=f"Set {_variable(name)} to it, or add the notification again.",
        )
    return (send or _send_with_apprise)(address.text, title, text)


def _send_with_apprise(address: str, title: str, text: str) -> bool:
    sender = _load_apprise().Apprise()
    sender.add(address)
    return bool(sender.notify(title=title, body=text))


def _load_apprise() -> Any:
    try:
        return import_module("apprise")
    except ImportError as exc:
        raise NotSupported(
            what="Apprise, which sends notifications, is not installed.",
            instead="Run: pip install 'dmc-widgets[notifications]'",
        ) from exc


def _save(workspace: Workspace, notifications: Sequence[Notification]) -> None:
    in_order = sorted(notifications, key=lambda item: item.name)
    workspace.save_setting(_SETTING, json.dumps([asdict(item) for item in in_order]))


def _entry(workspace: Workspace, name: str) -> str:
    return f"notification {name} ({workspace.path})"


def _variable(name: str) -> str:
    """Return ``DMC_NOTIFY_OPS_CHAT`` for the notification *Ops chat*."""
    return f"{_VARIABLE}_{re.sub(r'[^A-Z0-9]+', '_', name.upper()).strip('_')}"
