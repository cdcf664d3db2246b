"""What differs between Linux, macOS and Windows, in one place.

Each function takes the name of the system, so that tests run the branches of all three
on any of them.
"""

from __future__ import annotations

import io
import os
import stat
import sys
import time
from pathlib import Path
from typing import Any, Final, Literal

WINDOWS: Final = "win32"

_DETACHED: Final = 0x00000008 | 0x00000200 | 0x08000000
"""DETACHED_PROCESS, CREATE_NEW_PROCESS_GROUP and CREATE_NO_WINDOW of Windows."""

_TRIES: Final = 20
_PAUSE_S: Final = 0.05


def is_windows(system: str = sys.platform) -> bool:
    """Return True on Windows."""
    return system == WINDOWS


def detached_options(system: str = sys.platform) -> dict[str, Any]:
    """Return the options of a process that outlives the one that starts it.

    A closed terminal, and Ctrl-C in it, must not end the process.
    """
    if is_windows(system):
        return {"creationflags": _DETACHED}
    return {"start_new_session": True}


def can_fork(system: str = sys.platform) -> bool:
    """Return True where a process may go on as two.

    Windows cannot, and libraries of macOS do not survive it.
    """
    return system.startswith("linux")


def kernel_transport(system: str = sys.platform) -> Literal["ipc", "tcp"]:
    """Return how a server talks to its kernels.

    Files of this user where the system has such sockets; elsewhere ports of this
    machine, whose messages are signed with a key that only this user can read.
    """
    return "tcp" if is_windows(system) else "ipc"


def user_name_of_id(system: str = sys.platform) -> str:
    """Return a name for a user who has none, as in a container."""
    number = None if is_windows(system) else os.getuid()
    return "unknown user" if number is None else f"user {number}"


def can_link(facts: os.stat_result, system: str = sys.platform) -> bool:
    """Return True for a file of this user, on a system whose hard links are usual."""
    if is_windows(system) or not stat.S_ISREG(facts.st_mode):
        return False
    return facts.st_uid == os.getuid()


def replace_file(source: Path, target: Path, system: str = sys.platform) -> None:
    """Give *source* the name *target*, in place of a file that has it.

    On Windows a file that another program reads at this moment, such as a scanner for
    viruses, cannot be replaced, so it is tried again for a second.

    Raises:
        OSError: It cannot be replaced.
    """
    for _ in range(_TRIES if is_windows(system) else 0):
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(_PAUSE_S)
        else:
            return
    source.replace(target)


def sqlite_url_path(path: Path, system: str = sys.platform) -> str:
    """Return a path as the address of a database has it, with slashes.

    ``sqlite:///C:/data/target.db`` on Windows, ``sqlite:////data/target.db`` elsewhere.
    """
    text = str(path)
    return text.replace("\\", "/") if is_windows(system) else text


def make_console_safe(system: str = sys.platform) -> None:
    """Let a console that lacks a character print a mark for it instead of failing.

    Consoles of Windows often use an encoding of one byte a character.
    """
    if not is_windows(system):
        return
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
