"""Certificates: files that the user gives, or a certificate that the sandbox makes.

A self-made certificate is signed by an authority of its own, whose key is never
written: who trusts the authority trusts this certificate and no other.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..errors import NotSupported
from ..storage.private_files import make_private_folder, open_private

_LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_EVERY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104
_VALID_DAYS: Final = 365
_RENEWAL_DAYS: Final = 14
_CLOCK_SKEW: Final = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its key, as files in PEM form.

    Attributes:
        certfile: The certificate, followed by those that vouch for it.
        keyfile: Its private key; may be the same file.
        ca_file: The authority to trust, for a certificate that the sandbox made.
    """

    certfile: Path
    keyfile: Path
    ca_file: Path | None = None


def load_certificate(certfile: Path, keyfile: Path | None) -> Certificate:
    """Return the user's certificate, once it is known that it can be served.

    Args:
        certfile: The file with the certificate.
        keyfile: The file with the key; None for the same file.

    Raises:
        NotSupported: The files cannot be read, or do not belong together.
    """
    certificate = Certificate(certfile, keyfile or certfile)
    fault = _find_fault(certificate)
    if fault:
        files = f"{certificate.certfile} and {certificate.keyfile}"
        what = f"The certificate in {files} cannot be used: {fault}."
        instead = "Give PEM files that belong together, with a key without a password."
        raise NotSupported(what, instead)
    return certificate


def make_certificate(
    folder: Path,
    host: str,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Certificate:
    """Return the sandbox's own certificate; make one unless it is still valid.

    Args:
        folder: The private folder that it is stored in.
        host: The address that the server listens at, besides the local ones.
        now: The clock.

    Raises:
        NotSupported: The folder cannot be written to.
    """
    names = (
        _LOCAL_NAMES
        if host in {*_LOCAL_NAMES, *_EVERY_ADDRESS}
        else (
            *_LOCAL_NAMES,
            host,
        )
    )
    files = Certificate(folder / "cert.pem", folder / "key.pem", folder / "ca.pem")
    if _is_usable(files, names, now()):
        return files
    try:
        make_private_folder(folder)
        _write_files(files, names, now())
    except OSError as exc:
        what = f"No certificate can be stored in {folder}: {exc.strerror or exc}."
        raise NotSupported(what, "Give one: --certfile and --keyfile.") from exc
    return files


def _find_fault(certificate: Certificate) -> str:
    """Return why OpenSSL does not take the files; an empty text if it does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(
            certificate.certfile, certificate.keyfile, password=_refuse_password
        )
    except _PasswordNeeded:
        return "the key is protected by a password"
    except ssl.SSLError as exc:
        return (exc.reason or "not PEM").replace("_", " ").lower()
    except OSError as exc:
        return exc.strerror or str(exc)
    return ""


class _PasswordNeeded(Exception):
    """The key is encrypted; OpenSSL would ask for its password on the terminal."""


def _refuse_password() -> str:
    raise _PasswordNeeded


def _is_usable(files: Certificate, names: Sequence[str], now: dt.datetime) -> bool:
    """Return True if the stored certificate is for *names* and is not about to end."""
    if files.ca_file is None or not files.ca_file.is_file() or _find_fault(files):
        return False
    stored = x509.load_pem_x509_certificate(files.certfile.read_bytes())
    extension = stored.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    is_lasting = stored.not_valid_after_utc - now > dt.timedelta(days=_RENEWAL_DAYS)
    return is_lasting and set(extension.value) >= set(map(_general_name, names))


def _write_files(files: Certificate, names: Sequence[str], now: dt.datetime) -> None:
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _sign_authority(ca_key, now)
    server = _sign_server(key, authority, ca_key, names, now)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    trusted = authority.public_bytes(pem)
    for path, content in (
        (files.keyfile, private),
        (files.certfile, server.public_bytes(pem) + trusted),
        (files.ca_file, trusted),
    ):
        if path is not None:
            with open_private(path) as file:
                file.write(content)


def _sign_authority(
    key: ec.EllipticCurvePrivateKey, now: dt.datetime
) -> x509.Certificate:
    name = f"dmc sandbox {x509.random_serial_number() % 10**8:08}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _new_builder(subject, subject, key.public_key(), now)
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(_key_usage(signs_certificates=True), True)
        .sign(key, hashes.SHA256())
    )


def _sign_server(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    ca_key: ec.EllipticCurvePrivateKey,
    names: Sequence[str],
    now: dt.datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dmc sandbox")])
    builder = _new_builder(subject, authority.subject, key.public_key(), now)
    vouching = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    alternatives = x509.SubjectAlternativeName(list(map(_general_name, names)))
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .add_extension(_key_usage(signs_certificates=False), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
        .add_extension(vouching, False)
        .add_extension(alternatives, False)
        .sign(ca_key, hashes.SHA256())
    )


def _new_builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + dt.timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
