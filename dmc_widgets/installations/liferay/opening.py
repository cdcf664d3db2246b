"""Opening a Liferay server: its address, who asks, whom to trust."""

from __future__ import annotations

import logging
import ssl
from dataclasses import replace
from pathlib import Path

import httpx2

from ...errors import NotSupported, Refused
from ...model.access import Access
from ...objects.secrets import Secret
from ..addresses import Address, require_private
from ..caller import ANYBODY, Caller
from ..secret_store import find_secret, variables_of, word_of
from .client import Client, Limits
from .installation import LiferayInstallation
from .patience import Patience
from .signing_in import Basic, ClientCredentials

# Retries are told to whoever has set up logging; nobody else is bothered.
logging.getLogger("stamina").addHandler(logging.NullHandler())


def open_liferay(
    address: Address, caller: Caller = ANYBODY, limits: Limits | None = None
) -> LiferayInstallation:
    """Open the server at *address*, once it has let us in.

    Args:
        address: Of the server.
        caller: Who asks, whom to trust, and how long they wait.
        limits: Of time and tries.

    Raises:
        NotSupported: The address is not encrypted, or nobody is named who asks.
        Refused: The server does not let us in, or is none of Liferay's.
        Unreachable: It does not answer.
    """
    access = caller.access
    require_private(address, access)
    secret = caller.secret or find_secret(caller.name, address.origin, access)
    sign = _signature(address, access, secret, caller.name)
    limits = replace(limits or Limits(), at_once=access.at_once)
    client = Client(
        _http(address, access, sign, limits),
        name=address.url,
        who=sign.who,
        limits=limits,
        patience=Patience(caller.still_wanted),
    )
    installation = LiferayInstallation(client)
    try:
        installation.require_answer()
    except BaseException:
        installation.close()
        raise
    return installation


def _http(
    address: Address, access: Access, sign: httpx2.Auth, limits: Limits
) -> httpx2.Client:
    return httpx2.Client(
        base_url=address.url,
        auth=sign,
        verify=_trust(address, access),
        headers={"User-Agent": "dmc-widgets"},
        timeout=httpx2.Timeout(limits.answer_s, connect=limits.connect_s),
        limits=httpx2.Limits(max_connections=access.at_once + 2),
    )


def _signature(
    address: Address, access: Access, secret: Secret | None, name: str
) -> Basic | ClientCredentials:
    if not access.user and not access.client_id:
        what = f"Nobody is named who signs in at {address.url}."
        raise NotSupported(what, "Give a user (--user) or a client id (--client-id).")
    if secret is None:
        reason = (
            f"There is no {word_of(access)} for {access.user or access.client_id}. "
            f"Connect again to keep it in the keyring, or set "
            f"{variables_of(access, name)}."
        )
        raise Refused(address.url, reason)
    if access.client_id:
        return ClientCredentials(access.client_id, secret, address.url)
    return Basic(access.user, secret)


def _trust(address: Address, access: Access) -> ssl.SSLContext:
    """Trust the authorities of the system, and those of a file besides."""
    trust = httpx2.create_ssl_context()
    if access.ca_file:
        try:
            trust.load_verify_locations(cafile=Path(access.ca_file).expanduser())
        except (OSError, ssl.SSLError) as exc:
            reason = (
                f"The CA file {access.ca_file} cannot be used: it has to be there, "
                "and to hold certificates in PEM form."
            )
            raise Refused(address.url, reason) from exc
    return trust
