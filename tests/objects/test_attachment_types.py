"""Attachment fields: the ways to name a file, and what its content has to be."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.model.record import LargeText
from dmc_widgets.objects.fields.attachment import (
    AttachmentRules,
    FileContent,
    IncomingFile,
)

SETTINGS = {"acceptedFileExtensions": "pdf, PNG", "maximumFileSize": 1}
RULES = AttachmentRules.of("file", SETTINGS)
MB = 1024 * 1024
XXX = FileContent("cd2eb0837c9b4c962c22d2ff8b5441b7b45805887f051d39bf133b583baf6860", 3)
NOTHING = FileContent(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0
)


def file(size: int = 3, name: str = "a.pdf", **others: Any) -> dict[str, Any]:
    return {"fileBase64": b64encode(b"x" * size).decode(), "name": name, **others}


def large(text: str, piece: int) -> LargeText:
    data = text.encode()

    def pieces() -> Iterator[bytes]:
        return (data[at : at + piece] for at in range(0, len(data), piece))

    return LargeText(len(data), text[:20], pieces)


@pytest.mark.parametrize(
    ("value", "given"),
    [
        (5, IncomingFile(id=5)),
        ("5", IncomingFile(id=5)),
        ({"id": 5}, IncomingFile(id=5)),
        ({"externalReferenceCode": "F"}, IncomingFile(erc="F")),
        (
            {"id": 5, "name": "a.exe", "link": {"href": "/a"}, "folder": None},
            IncomingFile(id=5, name="a.exe"),
        ),
        ('{"id": 5}', IncomingFile(id=5)),
        (file(), IncomingFile(name="a.pdf", content=XXX)),
        (file(0), IncomingFile(name="a.pdf", content=NOTHING)),
        (file(name="a.b.png"), IncomingFile(name="a.b.png", content=XXX)),
        (
            file(externalReferenceCode="F", id=7),
            IncomingFile(id=7, erc="F", name="a.pdf", content=XXX),
        ),
        ("", None),
        (" ", None),
        (0, None),
        ({"id": None}, None),
        ({"id": 0, "name": ""}, None),
        ({"externalReferenceCode": 5}, IncomingFile(erc="5")),
        ({"externalReferenceCode": "", "name": None}, None),
    ],
)
def test_value_refers_to_or_includes_a_file(value: Any, given: Any) -> None:
    """What names a file, and the digest of what is brought; nothing for a blank."""
    assert RULES.check(value) == given


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (
            {"fileBase64": "!!!!", "name": "a.pdf"},
            "invalid-file",
            "Unable to decode Base64 file",
        ),
        (
            {"fileBase64": "eHg", "name": "a.pdf"},
            "invalid-file",
            "Unable to decode Base64 file",
        ),
        (
            {"fileBase64": "é", "name": "a.pdf"},
            "invalid-file",
            "Unable to decode Base64 file",
        ),
        (
            {"fileBase64": 5, "name": "a.pdf"},
            "invalid-file",
            "Unable to decode Base64 file",
        ),
        (
            file(name="a.exe"),
            "invalid-file-extension",
            'The file extension "exe" is invalid for object field "file"',
        ),
        (
            file(name="pdf"),
            "invalid-file-extension",
            'The file extension "" is invalid for object field "file"',
        ),
        (
            file(MB + 1),
            "exceeds-max-file-size",
            'File exceeds the maximum permitted size of 1 MB for object field "file"',
        ),
        (
            {"fileBase64": "!" * 3 * MB, "name": "a.pdf"},
            "exceeds-max-file-size",
            'File exceeds the maximum permitted size of 1 MB for object field "file"',
        ),
        (
            {"fileBase64": "eHh4"},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        (
            {"name": "a.pdf"},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        (
            {"externalReferenceCode": "F" * 76},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        ({}, "invalid-value", 'The value is invalid for object field "file"'),
        (
            {"link": None},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        (
            {"externalReferenceCode": {"a": 1}},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        (
            {"id": "five"},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        ({"name": []}, "invalid-value", 'The value is invalid for object field "file"'),
        ([5], "invalid-value", 'The value is invalid for object field "file"'),
        (True, "invalid-value", 'The value is invalid for object field "file"'),
        (-5, "invalid-value", 'The value is invalid for object field "file"'),
        ("a.pdf", "invalid-value", 'The value is invalid for object field "file"'),
        ("{", "invalid-value", 'The value is invalid for object field "file"'),
    ],
)
def test_value_that_is_not_a_file_is_refused(
    value: Any, code: str, message: str
) -> None:
    """Liferay's texts, where it has one."""
    found = RULES.check(value)

    assert isinstance(found, Problem)
    assert (found.code, found.field, found.as_liferay) == (code, "file", message)


@pytest.mark.parametrize("piece", [1, 3, 4, 5, 1000], ids=str)
def test_large_content_is_decoded_piece_by_piece(piece: int) -> None:
    """Pieces end where they do, and not after four characters."""
    content = b64encode(b"x" * 3).decode()

    assert RULES.check({"fileBase64": large(content, piece), "name": "a.pdf"}) == (
        IncomingFile(name="a.pdf", content=XXX)
    )
    cut = RULES.check({"fileBase64": large("eHh4e", piece), "name": "a.pdf"})
    assert isinstance(cut, Problem)
    assert cut.code == "invalid-file"


def test_far_too_large_file_is_refused_without_reading_it() -> None:
    """Its length is enough."""

    def never() -> Iterator[bytes]:
        raise AssertionError

    found = RULES.check({"fileBase64": LargeText(2 * MB, "", never), "name": "a.pdf"})

    assert isinstance(found, Problem)
    assert found.code == "exceeds-max-file-size"


def test_truncated_content_is_refused() -> None:
    """FileContent is decoded in pieces; padding may only stand in the last one."""
    content = b64encode(b"x" * 196_607).decode()

    assert isinstance(
        RULES.check({"fileBase64": content + "eHh4", "name": "a.pdf"}), Problem
    )
    taken = RULES.check({"fileBase64": content, "name": "a.pdf"})
    assert isinstance(taken, IncomingFile)
    assert taken.content is not None
    assert taken.content.size == 196_607


def test_only_valid_content_is_stored() -> None:
    """What keeps it is handed its digest, and the bytes as often as it asks."""
    kept: list[tuple[FileContent, bytes, bytes]] = []

    for value in (file(), file(MB + 1), file(name="a.exe"), {"id": 5}):
        RULES.check(
            value,
            lambda content, pieces: kept.append(
                (content, b"".join(pieces()), b"".join(pieces()))
            ),
        )

    assert kept == [(XXX, b"xxx", b"xxx")]


def test_problem_shows_the_file_without_its_content() -> None:
    """Else a report would hold the file."""
    found = RULES.check(file(name="a.exe", externalReferenceCode="F"))
    odd = RULES.check({"fileBase64": "eHh4", "externalReferenceCode": [5]})

    assert isinstance(found, Problem)
    assert found.value == '{"externalReferenceCode": "F", "name": "a.exe"}'
    assert isinstance(odd, Problem)
    assert odd.value == '{"externalReferenceCode": [5]}'


def test_checked_value_passes_again() -> None:
    """A check may be handed what an earlier one made."""
    problem = Problem("invalid-value", "No.")

    assert RULES.check(IncomingFile(id=5)) == IncomingFile(id=5)
    assert RULES.check(problem) is problem


def test_without_settings_every_file_is_accepted() -> None:
    """Without a list of extensions and a size, there is no limit."""
    taken = AttachmentRules.of("file", {}).check(file(MB + 1, "a.exe"))

    assert isinstance(taken, IncomingFile)
    assert taken.content is not None
    assert taken.content.size == MB + 1
