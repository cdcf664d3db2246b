"""Adding, changing, removing and backing up installations of the workspace."""

from __future__ import annotations

from pathlib import Path

from ...center.backups import build_backup_plan
from ...errors import InvalidPlan
from ...languages import format_number, ngettext
from ...languages import gettext as _
from ...model.access import NO_ACCESS, Access
from ...model.task import Task
from ..dashboard_session import DashboardSession
from ..installations.changed_installations import follow_installations

_SQLITE_PREFIX = "sqlite:///"


def is_server_url(url: str) -> bool:
    """Return True for the address of a server, where a user has to sign in."""
    schemes = ("https://", "http://", "postgresql://", "postgres://")
    return url.strip().lower().startswith(schemes)


def add_installation(
    session: DashboardSession,
    name: str,
    url: str,
    access: Access = NO_ACCESS,
    secret: str = "",
) -> None:
    """Add the installation at *url* under a name, and select it for the forms.

    A name that is in use gets the new address.

    Raises:
        InvalidPlan: The name is empty or too long, or the path is not absolute: a
            person at a page does not know what it would be relative to.
        NotSupported: The kind of address is unknown, or there is no keyring to keep
            the secret.
        InstallationError: The installation does not answer, is something else, or
            refuses the sign-in.
    """
    name, url = name.strip(), url.strip()
    path = url.removeprefix(_SQLITE_PREFIX)
    is_file = url.lower().startswith(_SQLITE_PREFIX)
    if is_file and path and not Path(path).is_absolute():
        example = f"{_SQLITE_PREFIX}/srv/data/{Path(path).name}"
        reason = _("Give the full path: {example}, for example.").format(
            example=example
        )
        raise InvalidPlan(reason)
    session.center.installations.add(name, url, access, secret or None)
    session.dashboard.installations = tuple(session.center.installations.list())
    session.select_installation(name)
    session.dashboard.report_success(_("{name} was added.").format(name=name))


def rename_installation(session: DashboardSession, old: str, new: str) -> None:
    """Give an installation another name; the forms that work on it follow.

    Raises:
        RequestError: It cannot have that name, or not now.
        UnknownName: Somebody else has removed or renamed it.
    """
    session.center.installations.rename(old, new)
    follow_installations(session)
    session.dashboard.report_success(_("{old} is now {new}.").format(old=old, new=new))


def remove_installation(session: DashboardSession, name: str) -> None:
    """Forget an installation; the forms work on another one if they worked on it.

    Raises:
        UnknownName: Somebody else has removed it.
        NotSupported: A task that names it has not ended.
    """
    session.center.installations.remove(name)
    installations = tuple(session.center.installations.list())
    session.dashboard.installations = installations
    if session.dashboard.installation == name:
        session.change_installation(installations[0].name if installations else "")
    session.dashboard.report_success(
        _("{name} was removed from the list. Nothing in it was changed.").format(
            name=name
        )
    )


def describe_removal(session: DashboardSession, name: str) -> str:
    """Return the question before an installation is removed, with its consequences.

    Raises:
        UnknownName: Somebody else has removed it.
    """
    number = session.center.installations.use(name).tasks
    if number == 0:
        return _(
            "Remove {name} from the list, with its stored password? Nothing in "
            "the installation is deleted, and no task names it."
        ).format(name=name)
    return ngettext(
        "Remove {name} from the list, with its stored password? Nothing in the "
        "installation is deleted. {count} task names it: without it they cannot be "
        "resumed, repaired or undone.",
        "Remove {name} from the list, with its stored password? Nothing in the "
        "installation is deleted. {count} tasks name it: without it they cannot be "
        "resumed, repaired or undone.",
        number,
    ).format(name=name, count=format_number(number))


def back_up_installation(session: DashboardSession, name: str) -> None:
    """Start copying all of an installation into the workspace, and follow the task.

    Raises:
        NotSupported: The page is busy.
    """

    def start() -> Task:
        return session.center.tasks.start_backup(name, build_backup_plan())

    session.background.start(start, lambda task: session.follow_task(task.id))
