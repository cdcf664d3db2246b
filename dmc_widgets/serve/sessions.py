"""Who is signed in: each browser has a cookie, of which only a digest is kept.

Sessions are stored in the workspace, so that a restart of the server signs no one out
and open pages come back. A session ends when it was idle for too long, when it is a
week old, and when its user signs out, is removed or gets another password. Without
users it ends with the token that it was given for, which is kept as well, for the same
port and path only: ``dmc serve --new-token`` makes another one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from ..storage.operating_system import is_windows
from ..storage.private_files import make_private_folder, write_atomically

_AGE_S: Final = 7 * 24 * 60 * 60
_WRITE_EVERY_S: Final = 60.0
_TOKEN_CHARS: Final = 43


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in.

    Attributes:
        id: Names the session in handles of files; it is not a secret.
        user: The user; empty for the one user of a server without users.
        stamp: Changes with the password of the user.
        made: When the browser signed in, in seconds since the epoch.
        used: When the user did something last.
    """

    id: str
    user: str
    stamp: str
    made: float
    used: float


class SessionStore:
    """The sessions of a server.

    Args:
        path: Where they are kept; None keeps them in memory only.
        idle_s: After how long without use a session ends; None for never.
        stamp_of: Returns the stamp of a user; None if there is no such user any more.
        clock: Returns the time.
    """

    def __init__(
        self,
        path: Path | None,
        idle_s: float | None,
        stamp_of: Callable[[str], str | None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._idle_s = idle_s
        self._stamp_of = stamp_of
        self._clock = clock
        self._written = 0.0
        self._sessions = self._load()

    def add(self, user: str) -> str:
        """Sign a browser in and return the value of its cookie."""
        cookie = secrets.token_urlsafe(32)
        now = self._clock()
        self._sessions[_digest(cookie)] = Session(
            id=secrets.token_hex(8),
            user=user,
            stamp=self._stamp_of(user) or "",
            made=now,
            used=now,
        )
        self._save()
        return cookie

    def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie; None if there is none any more."""
        session = self._sessions.get(_digest(cookie)) if cookie else None
        return session if session and self._is_valid(session) else None

    def note_use(self, session_id: str) -> None:
        """Note that the user did something."""
        now = self._clock()
        for key, session in self._sessions.items():
            if session.id == session_id and self._is_valid(session):
                self._sessions[key] = replace(session, used=now)
        if now - self._written > _WRITE_EVERY_S:
            self._save()

    def remove(self, session_id: str) -> None:
        """End a session."""
        self._sessions = {
            key: session
            for key, session in self._sessions.items()
            if session.id != session_id
        }
        self._save()

    def remove_ended(self) -> list[Session]:
        """Remove the sessions that have ended by themselves, and return them."""
        sessions = self._sessions.values()
        ended = [session for session in sessions if not self._is_valid(session)]
        for session in ended:
            self.remove(session.id)
        return ended

    def _is_valid(self, session: Session) -> bool:
        now = self._clock()
        if now - session.made > _AGE_S:
            return False
        if self._idle_s is not None and now - session.used > self._idle_s:
            return False
        return self._stamp_of(session.user) == session.stamp

    def _load(self) -> dict[str, Session]:
        if self._path is None:
            return {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            stored = json.loads(self._path.read_text(encoding="utf-8"))
            return {key: Session(**values) for key, values in stored.items()}
        return {}

    def _save(self) -> None:
        self._written = self._clock()
        if self._path is None:
            return
        stored = {key: asdict(session) for key, session in self._sessions.items()}
        with suppress(OSError):  # then users sign in again after a restart
            write_atomically(self._path, [json.dumps(stored).encode()])


def load_token(path: Path, base_url: str, *, renew: bool = False) -> str:
    """Return the token that is kept in a file; a new one if none is, or on demand.

    Args:
        path: The file, which only its owner can read. One that others can read is not
            used.
        base_url: The path below which the dashboard is: another one has its own token.
        renew: Make a new token.
    """
    with suppress(OSError, ValueError, TypeError, KeyError):
        stored = json.loads(path.read_text(encoding="utf-8"))
        is_private = is_windows() or not stat.S_IMODE(path.stat().st_mode) & 0o077
        is_own = stored["base_url"] == base_url and len(stored["token"]) >= _TOKEN_CHARS
        if is_private and is_own and not renew:
            return str(stored["token"])
    token = secrets.token_urlsafe(32)
    with suppress(OSError):  # then open pages are signed out by a restart
        make_private_folder(path.parent)
        content = json.dumps({"base_url": base_url, "token": token})
        write_atomically(path, [content.encode()])
    return token


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
