"""How a PostgreSQL server is reached: the parameters of libpq, and the password.

The password is looked up as that of a Liferay server is. Where there is none, libpq
looks into ``PGPASSWORD`` and ``~/.pgpass``; for the personal connection of one of many
users it may not, since these belong to the account of the server.
"""

from __future__ import annotations

import os
from typing import Final

from ..errors import NotSupported, Refused
from .addresses import Address, is_local, postgresql_parameters
from .connect_options import ConnectOptions
from .secret_store import find_secret

_STRICT: Final = {"require", "verify-ca", "verify-full"}
"""The values of ``PGSSLMODE`` that never go on without encryption."""


def connection_parameters(address: Address, options: ConnectOptions) -> dict[str, str]:
    """Return what libpq connects with, a password among it.

    Raises:
        NotSupported: There is a client id, or certificates are named twice.
        Refused: It is a personal connection without a user or a password.
    """
    access = options.access
    if access.client_id:
        what = "A PostgreSQL server has users, and no clients."
        raise NotSupported(what, "Give a user in place of the client id.")
    parameters = {
        "application_name": "dmc-widgets",
        "connect_timeout": "10",
        "client_encoding": "UTF8",
    } | postgresql_parameters(address)
    if access.ca_file:
        parameters |= {"sslmode": "verify-full", "sslrootcert": access.ca_file}
    elif not is_local(parameters) and not access.insecure_http:
        # libpq itself would go on without encryption where the server has none.
        mode = os.environ.get("PGSSLMODE", "")
        parameters.setdefault("sslmode", mode if mode in _STRICT else "require")
    secret = options.secret
    if access.user:
        parameters["user"] = access.user
        secret = secret or find_secret(
            options.name, address.origin, access, is_personal=options.is_personal
        )
    if secret is not None:
        parameters["password"] = secret.text
    elif options.is_personal:
        reason = "A connection of your own needs a user and a password."
        raise Refused(address.url, reason)
    if options.is_personal:
        parameters["passfile"] = os.devnull
    return parameters
