"""Encrypted fields in a SQL database: sealed at rest, and shown to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.installations.sql.database.tables import metadata
from dmc_widgets.installations.sql.encryption import KeyVault
from dmc_widgets.objects.fields.encrypted import Secret, SecretLocation
from dmc_widgets.ports import Item, Query
from dmc_widgets.testing.samples import (
    CREATED,
    FAILED,
    PARTIAL,
    UNCHANGED,
    UPDATED,
    field,
    kinds,
    type_named,
    write,
)
from tests.installations.databases import FilePlace, Place, open_at

pytestmark = pytest.mark.each_database

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
OTHER_KEY = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
HELP = (
    "Set the environment variable DMC_ENCRYPTION_KEY, or 'encryption-key' of the "
    "service 'dmc_widgets' in the keyring, to a key; this makes one: "
    'python -c "from cryptography.fernet import Fernet; '
    'print(Fernet.generate_key().decode())"'
)
CLEAR = "open sesame"

ACCOUNT: Item = {
    "externalReferenceCode": "ACCOUNT",
    "name": "Account",
    "label": {"en_US": "Account"},
    "pluralLabel": {"en_US": "Accounts"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        field("title", "Text"),
        field("word", "Encrypted", settings={"uniqueValues": True}),
    ],
}


@pytest.fixture(autouse=True)
def _no_keyring() -> None:
    """Keep the keyring of whoever runs the tests out of them."""
    if find_spec("keyring") is not None:
        backend = import_module("keyring.backends.fail").Keyring()
        import_module("keyring").set_keyring(backend)


@pytest.fixture
def desk(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlInstallation]:
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", KEY)
    installation = open_at(place, "desk")
    assert kinds(write(installation, "ObjectDefinition", ACCOUNT)) == [CREATED]
    yield installation
    installation.close()


@pytest.fixture
def sealed(desk: SqlInstallation) -> SqlInstallation:
    """Give *desk* an entry with a secret; from then on it knows its key."""
    assert kinds(write(desk, "C_Account", account("A", word=CLEAR))) == [CREATED]
    return desk


@pytest.fixture
def keyless(
    desk: SqlInstallation, place: Place, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SqlInstallation]:
    """Open the database of *desk* where there is no key."""
    assert desk.entity_types()
    monkeypatch.delenv("DMC_ENCRYPTION_KEY")
    installation = open_at(place, "desk")
    yield installation
    installation.close()


def account(erc: str, **values: Any) -> Item:
    return {"externalReferenceCode": erc, "title": erc, **values}


def words(installation: SqlInstallation) -> list[Any]:
    account_type = type_named(installation, "C_Account")
    return [entry["word"] for entry in installation.read(account_type, Query())]


def everything(place: Place) -> str:
    """Write out all that the tables hold."""
    tables = [*metadata.tables]
    return "\n".join(
        str(row) for table in tables for row in place.rows(f"SELECT * FROM {table}")
    )


def bodies(place: Place) -> list[bytes]:
    return [body for (body,) in place.rows("SELECT body FROM entry ORDER BY id")]


def test_a_value_is_sealed_in_the_file_and_clear_on_reading(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Account", account("A", word=CLEAR), account("B", word=CLEAR))

    first, second = bodies(place)
    assert CLEAR.encode() not in b"".join(
        sibling.read_bytes() for sibling in siblings(place)
    )
    assert CLEAR not in everything(place)
    assert CLEAR.encode().hex().upper() not in everything(place)
    assert first[:30] != second[:30]
    assert words(desk) == [CLEAR, CLEAR]


def test_a_read_only_secret_is_told_by_its_clear_text(sealed: SqlInstallation) -> None:
    """Sealed texts of one secret differ; and a refusal does not show the new one."""
    fields = [field("word", "Encrypted", readOnly="true")]
    write(sealed, "ObjectDefinition", ACCOUNT | {"objectFields": fields})

    same, other = write(
        sealed, "C_Account", account("A", word=CLEAR), account("A", word="other")
    )

    assert same.kind == UNCHANGED
    assert other.problem is not None
    assert (other.problem.code, other.problem.value) == ("read-only", "null")
    assert words(sealed) == [CLEAR]


def siblings(place: Place) -> list[Path]:
    """Name the database file and those that SQLite keeps beside it; a server's none."""
    if not isinstance(place, FilePlace):
        return []
    return [file for file in place.path.parent.iterdir() if file.is_file()]


def test_the_same_text_again_changes_nothing(desk: SqlInstallation) -> None:
    write(desk, "C_Account", account("A", word=CLEAR))

    same = write(desk, "C_Account", account("A", word=CLEAR))
    partial = write(desk, "C_Account", account("A"), policy=PARTIAL)
    other = write(desk, "C_Account", account("A", word="else"))

    assert kinds([*same, *partial, *other]) == [UNCHANGED, UNCHANGED, UPDATED]
    assert words(desk) == ["else"]


def test_blanks_alone_are_refused_and_the_stored_value_stays(
    desk: SqlInstallation,
) -> None:
    """They cannot be kept, and would empty the field."""
    write(desk, "C_Account", account("A", word=CLEAR))

    (outcome,) = write(desk, "C_Account", account("A", word=" "), policy=PARTIAL)

    assert outcome.problem is not None
    assert (outcome.problem.code, outcome.problem.field) == ("invalid-value", "word")
    assert words(desk) == [CLEAR]


@pytest.mark.parametrize("blank", [None, ""])
def test_a_blank_value_is_none(desk: SqlInstallation, blank: str | None) -> None:
    write(desk, "C_Account", account("A", word=CLEAR))

    assert kinds(write(desk, "C_Account", account("A", word=blank))) == [UPDATED]
    assert words(desk) == [None]


def test_a_clear_text_that_looks_sealed_is_sealed_like_any(
    desk: SqlInstallation,
) -> None:
    write(desk, "C_Account", account("A", word="sealed:1:AAAA"))

    assert words(desk) == ["sealed:1:AAAA"]


def test_a_sealed_value_opens_in_its_own_row_only(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Account", account("A", word=CLEAR), account("B", word="b"))
    place.rows("UPDATE entry SET body = (SELECT body FROM entry WHERE erc = 'A')")

    with pytest.raises(Refused):
        words(desk)


def test_without_a_key_only_records_with_a_secret_fail(
    keyless: SqlInstallation,
) -> None:
    outcomes = write(
        keyless, "C_Account", account("A"), account("B", word=CLEAR), account("C")
    )

    assert kinds(outcomes) == [CREATED, FAILED, CREATED]
    problem = outcomes[1].problem
    assert problem is not None
    assert (problem.code, problem.field, problem.value) == (
        "encryption-impossible",
        "word",
        None,
    )
    assert problem.message == (
        'The value of object field "word" cannot be encrypted. There is no '
        f"encryption key. {HELP}"
    )
    assert words(keyless) == [None, None]


def test_without_a_key_a_definition_is_published(keyless: SqlInstallation) -> None:
    again = ACCOUNT | {"name": "Again", "externalReferenceCode": "AGAIN"}

    assert kinds(write(keyless, "ObjectDefinition", again)) == [CREATED]


def test_without_a_key_sealed_values_are_kept_and_not_read(
    sealed: SqlInstallation, keyless: SqlInstallation
) -> None:
    outcomes = write(keyless, "C_Account", account("A", title="b"), policy=PARTIAL)
    with pytest.raises(Refused) as caught:
        words(keyless)

    assert kinds(outcomes) == [UPDATED]
    assert words(sealed) == [CLEAR]
    assert str(caught.value) == (
        "desk: The field 'word' holds encrypted values, and they cannot be read. "
        f"There is no encryption key. {HELP}"
    )


@pytest.mark.usefixtures("sealed")
def test_without_a_key_the_other_fields_are_read(keyless: SqlInstallation) -> None:
    account_type = type_named(keyless, "C_Account")

    items = list(keyless.read(account_type, Query(fields=("title",))))

    assert items == [{"title": "A"}]


def test_another_key_neither_reads_nor_replaces(
    desk: SqlInstallation, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(desk, "C_Account", account("A", word=CLEAR))
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", OTHER_KEY)
    other = open_at(place, "desk")

    (outcome,) = write(other, "C_Account", account("A", word="new"))
    with pytest.raises(Refused) as caught:
        words(other)
    other.close()

    assert outcome.problem is not None
    assert outcome.problem.message == (
        'The value of object field "word" cannot be encrypted. The value that is '
        "stored was encrypted with another key. Provide that key, or clear the field "
        "first by importing null for it."
    )
    assert str(caught.value) == (
        "desk: The field 'word' holds encrypted values, and they cannot be read. The "
        "key in DMC_ENCRYPTION_KEY or in the keyring is not the one that they were "
        "encrypted with. Provide that one."
    )
    assert words(desk) == [CLEAR]


@pytest.mark.parametrize("key", ["short", "é" * 44, KEY[:-4], CLEAR])
def test_a_key_of_another_kind_is_no_key(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", key)

    fault = KeyVault("desk").fault()

    assert fault == f"The encryption key is not 32 bytes in base64. {HELP}"


def test_a_refused_secret_is_not_quoted(desk: SqlInstallation, place: Place) -> None:
    outcomes = write(
        desk,
        "C_Account",
        account("A", word=CLEAR * 26),
        account("B", word={"text": CLEAR}),
    )

    assert kinds(outcomes) == [FAILED, FAILED]
    assert CLEAR not in repr(outcomes)
    assert CLEAR not in everything(place)


def test_neither_secrets_nor_keys_are_part_of_a_repr(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DMC_ENCRYPTION_KEY", KEY)
    vault = KeyVault("desk")
    sealed = vault.seal(CLEAR, SecretLocation(1, 2, "word"))

    shown = f"{Secret(CLEAR)!r} {vault!r} {vars(vault)!r} {sealed}"

    assert CLEAR not in shown
    assert KEY not in shown


def test_secrets_are_in_no_index(desk: SqlInstallation, place: Place) -> None:
    outcomes = write(
        desk, "C_Account", account("A", word=CLEAR), account("B", word=CLEAR)
    )

    assert kinds(outcomes) == [CREATED, CREATED]
    assert place.rows("SELECT * FROM unique_value") == []


def test_what_an_older_version_kept_in_the_clear_is_read_and_sealed_when_it_comes(
    desk: SqlInstallation, place: Place
) -> None:
    write(desk, "C_Account", account("A"))
    place.rows("UPDATE entry SET body = ?", b'{"title":"A","word":"old"}')

    assert words(desk) == ["old"]
    assert kinds(write(desk, "C_Account", account("A", word="old"))) == [UPDATED]
    assert b'"old"' not in bodies(place)[0]
    assert words(desk) == ["old"]
