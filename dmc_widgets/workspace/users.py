"""The users of a shared workspace: their passwords, hashed, and their roles.

They stand in a file of the workspace that only its owner can read. Without the file, or
while it names no user, the workspace is one person's, who may do everything.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..errors import InvalidPlan, NameTaken, UnknownName, WorkspaceUnusable
from ..model.coercion import parse_choice
from ..model.roles import EVERYWHERE, Role
from ..storage.private_files import write_atomically

USERS_FILE: Final = "users.json"
SESSIONS_FILE: Final = "sessions.json"
LEAST_PASSWORD: Final = 12
"""How many characters a password has at least."""

_LONGEST_PASSWORD: Final = 1024
_NAME: Final = re.compile(r"[\w.@+-]{1,75}")
# 32 MB and about 0.1 s for each try.
_COST: Final = {"n": 2**15, "r": 8, "p": 1}
_MEMORY: Final = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class User:
    """A person who signs in at ``dmc serve``.

    Attributes:
        name: The name to sign in with, and the author of tasks.
        roles: The role on each installation; ``*`` for those without one of their own.
        password: The hash of the password; never the password.
    """

    name: str
    roles: Mapping[str, Role]
    password: str = field(repr=False, default="")

    def role_on(self, installation: str) -> Role | None:
        """Return the role on an installation; None for no access."""
        return self.roles.get(installation, self.roles.get(EVERYWHERE))


class UserStore:
    """The users of a workspace.

    Args:
        workspace: The folder of the workspace.
    """

    def __init__(self, workspace: Path) -> None:
        self._path = workspace / USERS_FILE
        self._read_at: tuple[int, int] | None = None
        self._users: dict[str, User] = {}

    def all(self) -> list[User]:
        """Return the users by name."""
        return sorted(self._read().values(), key=lambda user: user.name)

    def find(self, name: str) -> User | None:
        """Return the user of a name; None if there is none."""
        return self._read().get(name)

    def add(self, name: str, password: str, roles: Mapping[str, Role]) -> User:
        """Add a user.

        Raises:
            InvalidPlan: The name or the password cannot be used.
            NameTaken: There is such a user.
        """
        if not _NAME.fullmatch(name):
            reason = (
                "The name of a user has up to 75 letters, digits and the characters "
                ". @ + - and _."
            )
            raise InvalidPlan(reason)
        if self.find(name) is not None:
            raise NameTaken(kind="user", name=name)
        user = User(name, dict(roles), hash_password(password))
        self._write({**self._read(), name: user})
        return user

    def set_roles(self, name: str, roles: Mapping[str, Role]) -> User:
        """Replace the roles of a user.

        Raises:
            UnknownName: There is no such user.
        """
        return self._change(name, roles=dict(roles))

    def copy_roles(self, old: str, new: str) -> None:
        """Give each user the role on one installation on another one, too.

        Raises:
            WorkspaceUnusable: The file cannot be written.
        """
        self._change_roles(
            lambda roles: {**roles, new: roles[old]} if old in roles else roles
        )

    def remove_roles(self, installation: str) -> None:
        """Take the roles on an installation from all users.

        Raises:
            WorkspaceUnusable: The file cannot be written.
        """
        self._change_roles(
            lambda roles: {
                name: role for name, role in roles.items() if name != installation
            }
        )

    def _change_roles(
        self, change: Callable[[Mapping[str, Role]], Mapping[str, Role]]
    ) -> None:
        users = self._read()
        changed = {
            name: replace(user, roles=dict(change(user.roles)))
            for name, user in users.items()
        }
        if changed != users:
            self._write(changed)

    def set_password(self, name: str, password: str) -> User:
        """Replace the password of a user.

        Raises:
            UnknownName: There is no such user.
            InvalidPlan: The password cannot be used.
        """
        return self._change(name, password=hash_password(password))

    def remove(self, name: str) -> None:
        """Remove a user, who is signed out at once.

        Raises:
            UnknownName: There is no such user.
        """
        self._require(name)
        self._write({key: user for key, user in self._read().items() if key != name})

    def check(self, name: str, password: str) -> User | None:
        """Return the user if name and password are right.

        It takes as long for a name that does not exist.
        """
        user = self.find(name)
        stored = user.password if user else _NO_HASH
        is_right = verify_password(password, stored)
        return user if is_right else None

    def _change(self, name: str, **changes: Any) -> User:
        user = replace(self._require(name), **changes)
        self._write({**self._read(), name: user})
        return user

    def _require(self, name: str) -> User:
        user = self.find(name)
        if user is None:
            raise UnknownName(kind="user", name=name, known=tuple(self._read()))
        return user

    def _read(self) -> dict[str, User]:
        """Return the users; the file is read again only if it has changed."""
        try:
            details = self._path.stat()
            stamp = (details.st_mtime_ns, details.st_ino)
            if stamp != self._read_at:
                content = json.loads(self._path.read_text(encoding="utf-8"))
                self._users = {
                    name: _user(name, data) for name, data in content.items()
                }
                self._read_at = stamp
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, TypeError) as exc:
            # Without a valid file everybody would be the owner.
            reason = f"the users cannot be read ({exc}). Mend or restore the file."
            raise WorkspaceUnusable(str(self._path), reason) from exc
        return self._users

    def _write(self, users: Mapping[str, User]) -> None:
        content = {
            user.name: {"password": user.password, "roles": dict(user.roles)}
            for user in users.values()
        }
        data = json.dumps(content, indent=2, ensure_ascii=False).encode()
        try:
            write_atomically(self._path, [data])
        except OSError as exc:
            reason = f"{exc.strerror or exc}. Check the folder and its permissions."
            raise WorkspaceUnusable(str(self._path), reason) from exc
        self._read_at = None


def parse_roles(texts: list[str]) -> dict[str, Role]:
    """Return the roles of ``look`` and ``Production=import``.

    >>> parse_roles(["look", "Production=import"])
    {'*': <Role.LOOK: 'look'>, 'Production': <Role.IMPORT: 'import'>}

    Raises:
        UnknownChoice: A word is not a role.
    """
    roles = {}
    for text in texts:
        installation, _, word = text.rpartition("=")
        roles[installation or EVERYWHERE] = parse_choice(Role, word, "role")
    return roles


def hash_password(password: str) -> str:
    """Return what is stored of a password: scrypt with a salt of its own.

    Raises:
        InvalidPlan: It is too short or too long.
    """
    if not LEAST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        reason = f"A password has at least {LEAST_PASSWORD} characters."
        raise InvalidPlan(reason)
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, **_COST)
    numbers = "$".join(str(value) for value in _COST.values())
    return f"scrypt${numbers}${_encode(salt)}${_encode(digest)}"


def verify_password(password: str, stored: str) -> bool:
    """Return True if *stored* is the hash of *password*."""
    with suppress(ValueError):
        kind, n, r, p, salt, digest = stored.split("$")
        if kind != "scrypt" or len(password) > _LONGEST_PASSWORD:
            return False
        made = _scrypt(password, _decode(salt), n=int(n), r=int(r), p=int(p))
        return hmac.compare_digest(made, _decode(digest))
    return False


def _scrypt(password: str, salt: bytes, *, n: int, r: int, p: int) -> bytes:
    given = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(given, salt=salt, n=n, r=r, p=p, maxmem=_MEMORY, dklen=32)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _user(name: str, data: Mapping[str, Any]) -> User:
    roles = {key: Role(word) for key, word in data["roles"].items()}
    return User(name, roles, str(data["password"]))


_NO_HASH: Final = (
    "scrypt$32768$8$1$AAAAAAAAAAAAAAAAAAAAAA==$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
)
"""The hash of no password: an unknown name takes as long as a wrong password."""
