"""The key of Encrypted fields, and the cipher that uses it.

AES-256 in GCM: each value has a nonce of its own, and is bound to the definition, entry
and field that it belongs to, so that a value which is copied to another row cannot be
decrypted there.
"""

from __future__ import annotations

import base64
import binascii
import os
import warnings
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from typing import Any, Final, NamedTuple

from ...errors import Refused
from ...objects.fields.encrypted import SEALED, SecretLocation

VARIABLE: Final = "DMC_ENCRYPTION_KEY"
KEYRING_SERVICE: Final = "dmc_widgets"
KEYRING_NAME: Final = "encryption-key"

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_HELP: Final = (
    f"Set the environment variable {VARIABLE}, or {KEYRING_NAME!r} of the service "
    f"{KEYRING_SERVICE!r} in the keyring, to a key; this makes one: "
    'python -c "from cryptography.fernet import Fernet; '
    'print(Fernet.generate_key().decode())"'
)


class _Opened(NamedTuple):
    cipher: Any
    fault: str

    def __repr__(self) -> str:
        return "_Opened(***)"


class KeyVault:
    """Encrypt and decrypt values with the key of this process.

    Implements the vault of Encrypted fields. The key is looked up once, when it is
    first needed.

    Args:
        installation: The installation's name for messages.
    """

    def __init__(self, installation: str) -> None:
        self._installation = installation

    def fault(self) -> str:
        """Return why there is no key, and the remedy; empty if there is one."""
        return self._opened.fault

    def seal(self, text: str, place: SecretLocation, /) -> str:
        """Encrypt *text* for its field.

        Raises:
            Refused: There is no key.
        """
        cipher = self._opened.cipher
        if cipher is None:
            raise Refused(self._installation, self._opened.fault)
        nonce = os.urandom(_NONCE_BYTES)
        data = nonce + cipher.encrypt(nonce, text.encode(), _associated_data(place))
        return SEALED + base64.urlsafe_b64encode(data).decode()

    def unseal(self, sealed: str, place: SecretLocation, /) -> str | None:
        """Return the clear text; None if this key does not decrypt it in that field."""
        cipher = self._opened.cipher
        if cipher is None:
            return None
        invalid = import_module("cryptography.exceptions").InvalidTag
        try:
            data = base64.urlsafe_b64decode(sealed.removeprefix(SEALED))
            nonce, rest = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
            clear: bytes = cipher.decrypt(nonce, rest, _associated_data(place))
            return clear.decode()
        except (invalid, ValueError):
            return None

    def reveal(self, sealed: str, place: SecretLocation, /) -> str:
        """Return the clear text.

        Raises:
            Refused: There is no key, or it is not the right one.
        """
        clear = self.unseal(sealed, place)
        if clear is not None:
            return clear
        reason = (
            f"The field {place.field!r} holds encrypted values, and they cannot be "
            "read. "
        )
        reason += self.fault() or (
            f"The key in {VARIABLE} or in the keyring is not the one that they were "
            "encrypted with. Provide that one."
        )
        raise Refused(self._installation, reason)

    @cached_property
    def _opened(self) -> _Opened:
        encoded_key = os.environ.get(VARIABLE, "").strip() or _keyring_key()
        if not encoded_key:
            return _Opened(None, f"There is no encryption key. {_HELP}")
        try:
            key = base64.b64decode(encoded_key, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != _KEY_BYTES:
            fault = f"The encryption key is not 32 bytes in base64. {_HELP}"
            return _Opened(None, fault)
        aead = import_module("cryptography.hazmat.primitives.ciphers.aead")
        return _Opened(aead.AESGCM(key), "")


def _keyring_key() -> str:
    """Return the key in the keyring; empty if there is none, or no keyring.

    Backends are third-party code: without a desktop they fail in many ways, and none
    of them means more than that there is no key.
    """
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        keyring = import_module("keyring")
        encoded_key = keyring.get_password(KEYRING_SERVICE, KEYRING_NAME)
        return str(encoded_key or "").strip()
    return ""


def _associated_data(place: SecretLocation) -> bytes:
    return f"{place.definition_id}/{place.entry_id}/{place.field}".encode()
