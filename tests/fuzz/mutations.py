"""Damage, as disks, mail programs and editors do it, and as nobody would expect."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from random import Random

Mutation = Callable[[bytearray, Random], None]

_WORDS = (
    b'"', b"'", b"]", b"[", b"{", b"}", b",", b";", b":", b"\t", b"\n", b"\r", b"\0",
    b"-", b".", b"e-", b"E+999", b"9" * 20, b"\\", b"\\u", b"\\ud83d", b"\xff\xfe",
    b"\xef\xbb\xbf", b"\xc3", b"=", b"<", b">", b"&", b"/>", b't="e"', b"PK\x03\x04",
    b"null", b"true", b"NaN", b"\xff\xff\xff\x7f",
)  # fmt: skip


def mutated(data: bytes, dice: Random) -> bytes:
    """Return *data* with one to four places damaged; *dice* choose where and how."""
    damaged = bytearray(data)
    for _ in range(dice.randint(1, 4)):
        if damaged:
            dice.choice(_MUTATIONS)(damaged, dice)
    return bytes(damaged)


def mutated_within(data: bytes, dice: Random) -> bytes:
    """Damage a file in a zip and pack it again: the zip itself stays sound."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        chosen = dice.choice(source.namelist())
        for name in source.namelist():
            inner = source.read(name)
            target.writestr(name, mutated(inner, dice) if name == chosen else inner)
    return stream.getvalue()


def _piece(data: bytearray, dice: Random) -> slice:
    start = dice.randrange(len(data))
    return slice(start, start + dice.choice([1, 1, 2, 4, 16, 64, 256]))


def _flip(data: bytearray, dice: Random) -> None:
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _replace(data: bytearray, dice: Random) -> None:
    data[dice.randrange(len(data))] = dice.randrange(256)


def _cut(data: bytearray, dice: Random) -> None:
    del data[dice.randrange(len(data)) :]


def _delete(data: bytearray, dice: Random) -> None:
    del data[_piece(data, dice)]


def _double(data: bytearray, dice: Random) -> None:
    piece = _piece(data, dice)
    data[piece] = data[piece] * dice.choice([2, 2, 2, 3, 50])


def _insert(data: bytearray, dice: Random) -> None:
    start = dice.randrange(len(data))
    data[start:start] = dice.choice([dice.choice(_WORDS), dice.randbytes(3)])


def _overwrite(data: bytearray, dice: Random) -> None:
    start, word = dice.randrange(len(data)), dice.choice(_WORDS)
    data[start : start + len(word)] = word


def _swap(data: bytearray, dice: Random) -> None:
    first, second = _piece(data, dice), _piece(data, dice)
    data[first], data[second] = data[second], data[first]


def _splice(data: bytearray, dice: Random) -> None:
    piece = data[_piece(data, dice)]
    start = dice.randrange(len(data))
    data[start:start] = piece


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _flip,
    _replace,
    _cut,
    _delete,
    _double,
    _insert,
    _insert,
    _overwrite,
    _swap,
    _splice,
)
