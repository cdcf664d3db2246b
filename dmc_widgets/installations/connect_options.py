"""How an installation is opened: credentials, and how long to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..model.access import NO_ACCESS, Access
from ..objects.fields.encrypted import Secret
from .addresses import absolute_url, has_users, parse_address


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectOptions:
    """What the caller of :func:`~dmc_widgets.installations.connect` decides.

    Attributes:
        access: The user or client that signs in, and the certificates to trust.
        secret: The password or client secret; None looks for it in the environment
            and in the keyring.
        name: The name of the connection, by which its secret is found.
        should_continue: Called a few times a second during long waits; False ends
            them.
        is_personal: It belongs to one user of a shared workspace, whose address it may
            be: it gets no secret of the environment, which is for shared ones.
        waits_for_lock: Wait for a locked database until *should_continue* says no, as
            tasks do. Otherwise the wait takes a few seconds, because a person is
            waiting for the answer.
    """

    access: Access = NO_ACCESS
    secret: Secret | None = None
    name: str = ""
    should_continue: Callable[[], bool] = _always
    waits_for_lock: bool = False
    is_personal: bool = False


DEFAULT_OPTIONS = ConnectOptions()


def normalize_address(
    url: str, options: ConnectOptions, secret: str | None
) -> tuple[str, ConnectOptions]:
    """Return an address that may be stored, and options with its user and secret.

    Args:
        url: The address as a person entered it; it may contain a user and a password.
        options: The options of the connection.
        secret: A password or client secret that was entered apart from the address;
            it takes precedence over the one in the address.

    Raises:
        NotSupported: The address is not valid, or is that of a database and contains
            a password.
        InvalidPlan: The address contains a user although *options* have a client id.
    """
    own_secret = Secret(secret) if secret else None
    if not has_users(url):
        return absolute_url(url), replace(options, secret=own_secret)
    address = parse_address(url)
    if address.user:
        access = replace(options.access, user=address.user)
        own_secret = own_secret or address.secret
        options = replace(options, access=access)
    return address.url, replace(options, secret=own_secret)
