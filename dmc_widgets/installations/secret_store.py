"""Passwords and client secrets: where they are looked up, and where they are stored.

They are stored in the keyring of the system and nowhere else. An entry belongs to the
name of a connection *and* to the address that it was entered for, so that a name
which gets another address does not send its password there.
"""

from __future__ import annotations

import os
import re
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final

from ..errors import NotSupported
from ..model.access import Access
from ..objects.fields.encrypted import Secret
from .addresses import has_users, is_postgresql, parse_address
from .connect_options import ConnectOptions

SERVICE: Final = "dmc_widgets"
PASSWORD: Final = "DMC_PASSWORD"  # noqa: S105
CLIENT_SECRET: Final = "DMC_CLIENT_SECRET"  # noqa: S105


def missing_secret(url: str, options: ConnectOptions) -> str:
    """Return which secret to ask a person for: ``password`` or ``client secret``.

    It is empty if none is needed, or if one is given or in the environment.
    """
    if not has_users(url) or options.secret is not None:
        return ""
    access = options.access
    if not (access.user or access.client_id):
        return ""
    if not options.is_personal and has_environment_secret(options.name, access):
        return ""
    if is_postgresql(url) and not options.is_personal and _libpq_finds_one():
        return ""
    return secret_kind(access)


def _libpq_finds_one() -> bool:
    """Return True if PostgreSQL's own places for passwords may hold one."""
    file = os.environ.get("PGPASSFILE") or Path.home() / ".pgpass"
    return bool(os.environ.get("PGPASSWORD")) or Path(file).is_file()


def save_caller_secret(url: str, options: ConnectOptions) -> None:
    """Store the secret of a server's connection, if the caller gave one.

    Raises:
        NotSupported: There is no keyring to store it in.
    """
    if options.secret is not None and has_users(url):
        origin = parse_address(url).origin
        save_secret(
            options.name,
            origin,
            options.access,
            options.secret,
            is_personal=options.is_personal,
        )


def copy_secret(old: str, new: str, url: str, access: Access, owner: str = "") -> None:
    """Store the secret of a connection under another name of it, too.

    Args:
        old: The name of the connection.
        new: The name that it gets.
        url: Its address.
        access: Tells whether it is a password or a client secret.
        owner: The one user that the connection belongs to, or empty.

    Raises:
        NotSupported: An environment variable for the old name holds the secret, and
            none for the new one.
    """
    if not has_users(url):
        return
    before, after = (
        _own_variable(secret_variable(access), name) for name in (old, new)
    )
    secret = "" if owner else os.environ.get(before, "")
    if secret and os.environ.get(after) != secret:
        what = f"The {secret_kind(access)} of {old} stands in {before}."
        raise NotSupported(what, f"Set {after} to it first, everywhere {before} is.")
    origin = parse_address(url).origin
    stored = _read_keyring(old, origin)
    if stored:
        save_secret(new, origin, access, Secret(stored), is_personal=bool(owner))


def forget_caller_secret(name: str, url: str) -> None:
    """Remove the secret of a server's connection from the keyring, if it is there."""
    if not has_users(url):
        return
    entry = _keyring_entry(name, parse_address(url).origin)
    if not _read_entry(entry):
        return
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        import_module("keyring").delete_password(SERVICE, entry)


def find_secret(
    name: str, origin: str, access: Access, *, is_personal: bool = False
) -> Secret | None:
    """Return the secret of a connection from the environment or the keyring.

    A secret for this connection comes before one for all connections.

    Args:
        name: The name of the connection, or empty.
        origin: Scheme, host and port of its address.
        access: Tells whether a password or a client secret is needed.
        is_personal: Look in the keyring only.
    """
    if is_personal:
        found = _read_keyring(name, origin)
        return Secret(found) if found else None
    variable = secret_variable(access)
    secret = os.environ.get(_own_variable(variable, name)) if name else ""
    secret = secret or (_read_keyring(name, origin) if name else "")
    secret = secret or os.environ.get(variable)
    return Secret(secret) if secret else None


def has_environment_secret(name: str, access: Access) -> bool:
    """Return True if the environment holds a secret for a connection."""
    variable = secret_variable(access)
    own = os.environ.get(_own_variable(variable, name)) if name else ""
    return bool(own or os.environ.get(variable))


def save_secret(
    name: str,
    origin: str,
    access: Access,
    secret: Secret,
    *,
    is_personal: bool = False,
) -> None:
    """Store the secret of a connection in the keyring.

    Without a keyring, the environment is enough if it holds the same secret.

    Raises:
        NotSupported: Neither would return the secret later.
    """
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        keyring = import_module("keyring")
        keyring.set_password(SERVICE, _keyring_entry(name, origin), secret.text)
    # A backend that stores nothing raises nothing either, so the secret is read back.
    stored = find_secret(name, origin, access, is_personal=is_personal)
    if stored is None or stored.text != secret.text:
        what = f"There is no keyring here that could store the {secret_kind(access)}."
        raise NotSupported(
            what, f"Set {describe_variables(access, name)} to it instead."
        )


def save_text(entry: str, variable: str, text: Secret, what: str) -> None:
    """Store another secret in the keyring; the environment may hold it instead.

    Args:
        entry: The name of the entry in the keyring.
        variable: The environment variable that may hold it instead.
        text: The secret.
        what: What it is, for the message.

    Raises:
        NotSupported: Neither would return the secret later.
    """
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        import_module("keyring").set_password(SERVICE, entry, text.text)
    stored = find_text(entry, variable)
    if stored is None or stored.text != text.text:
        raise NotSupported(
            what=f"There is no keyring here that could store the {what}.",
            instead=f"Set the environment variable {variable} to it instead.",
        )


def find_text(entry: str, variable: str) -> Secret | None:
    """Return a secret that :func:`save_text` stored, or that the environment holds."""
    text = os.environ.get(variable) or _read_entry(entry)
    return Secret(text) if text else None


def secret_variable(access: Access) -> str:
    """Return the environment variable for the secret of any connection."""
    return CLIENT_SECRET if access.client_id else PASSWORD


def describe_variables(access: Access, name: str) -> str:
    """Name the environment variables that may hold the secret, for a message."""
    variable = secret_variable(access)
    if not name:
        return f"the environment variable {variable}"
    return f"the environment variable {variable} (or {_own_variable(variable, name)})"


def secret_kind(access: Access) -> str:
    """Return what the secret is called in messages."""
    return "client secret" if access.client_id else "password"


def _own_variable(variable: str, name: str) -> str:
    """Return ``DMC_PASSWORD_MY_STAGING`` for the connection *My staging*."""
    return f"{variable}_{re.sub(r'[^A-Z0-9]+', '_', name.upper()).strip('_')}"


def _keyring_entry(name: str, origin: str) -> str:
    return f"{name} ({origin})"


def _read_keyring(name: str, origin: str) -> str:
    """Return the secret of a connection in the keyring; see :func:`_read_entry`."""
    return _read_entry(_keyring_entry(name, origin))


def _read_entry(entry: str) -> str:
    """Return the secret in the keyring; empty without one, or without a keyring.

    Backends are third-party code: without a desktop they fail in many ways, and none
    of them means more than that there is no secret.
    """
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        keyring = import_module("keyring")
        return str(keyring.get_password(SERVICE, entry) or "")
    return ""
