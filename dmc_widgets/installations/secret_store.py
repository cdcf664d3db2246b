"""Passwords and client secrets: where they are looked for, and where they are kept.

They are kept in the keyring of the system and nowhere else. An entry belongs to the
name of a connection *and* to the address that it was given for, so that a name
which gets another address does not send its password there.
"""

from __future__ import annotations

import os
import re
import warnings
from contextlib import suppress
from importlib import import_module
from typing import Final

from ..errors import NotSupported
from ..model.access import Access
from ..objects.fields.encrypted import Secret

SERVICE: Final = "dmc_widgets"
PASSWORD: Final = "DMC_PASSWORD"  # noqa: S105
CLIENT_SECRET: Final = "DMC_CLIENT_SECRET"  # noqa: S105


def find_secret(name: str, origin: str, access: Access) -> Secret | None:
    """Look for the secret of a connection.

    What is meant for this connection comes before what is meant for any.

    Args:
        name: Of the connection; empty where there is none.
        origin: Scheme, host and port of its address.
        access: Says whether a password or a client secret is needed.
    """
    variable = secret_variable(access)
    stated = os.environ.get(_own(variable, name)) if name else ""
    stated = stated or (_in_keyring(name, origin) if name else "")
    stated = stated or os.environ.get(variable)
    return Secret(stated) if stated else None


def has_environment_secret(name: str, access: Access) -> bool:
    """Say whether the environment holds a secret for a connection."""
    variable = secret_variable(access)
    own = os.environ.get(_own(variable, name)) if name else ""
    return bool(own or os.environ.get(variable))


def save_secret(name: str, origin: str, access: Access, secret: Secret) -> None:
    """Keep the secret of a connection in the keyring.

    Where there is none, the environment will do if it holds the same.

    Raises:
        NotSupported: Neither can be counted on to know the secret again.
    """
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        keyring = import_module("keyring")
        keyring.set_password(SERVICE, _entry(name, origin), secret.text)
    # A backend that keeps nothing says so by forgetting, not by an error.
    kept = find_secret(name, origin, access)
    if kept is None or kept.text != secret.text:
        what = f"There is no keyring here that could keep the {secret_kind(access)}."
        raise NotSupported(
            what, f"Set {describe_variables(access, name)} to it instead."
        )


def secret_variable(access: Access) -> str:
    """Name the environment variable that may hold the secret of any connection."""
    return CLIENT_SECRET if access.client_id else PASSWORD


def describe_variables(access: Access, name: str) -> str:
    """Name the environment variables that may hold the secret, for a message."""
    variable = secret_variable(access)
    if not name:
        return f"the environment variable {variable}"
    return f"the environment variable {variable} (or {_own(variable, name)})"


def secret_kind(access: Access) -> str:
    """Say what the secret is called."""
    return "client secret" if access.client_id else "password"


def _own(variable: str, name: str) -> str:
    """Return ``DMC_PASSWORD_MY_STAGING`` for the connection *My staging*."""
    return f"{variable}_{re.sub(r'[^A-Z0-9]+', '_', name.upper()).strip('_')}"


def _entry(name: str, origin: str) -> str:
    return f"{name} ({origin})"


def _in_keyring(name: str, origin: str) -> str:
    """Return what the keyring holds; empty if there is nothing, or no keyring.

    Backends are strangers' code: without a desktop they fail in many ways, and
    none of them means more than that there is no secret.
    """
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        keyring = import_module("keyring")
        return str(keyring.get_password(SERVICE, _entry(name, origin)) or "")
    return ""
