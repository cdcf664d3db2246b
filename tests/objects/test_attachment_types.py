"""Attachment fields: the ways to name a file, and what its content has to be."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from dmc_widgets.model.outcome import Problem
from dmc_widgets.objects.field_types import FieldRules, check_for

SETTINGS = {"acceptedFileExtensions": "pdf, PNG", "maximumFileSize": 1}
CHECK = check_for(FieldRules(name="file", type="Attachment", settings=SETTINGS))
MB = 1024 * 1024


def file(size: int = 3, name: str = "a.pdf", **others: Any) -> dict[str, Any]:
    return {"fileBase64": b64encode(b"x" * size).decode(), "name": name, **others}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (5, {"id": 5}),
        ("5", {"id": 5}),
        ({"id": 5}, {"id": 5}),
        ({"externalReferenceCode": "F"}, {"externalReferenceCode": "F"}),
        (
            {"id": 5, "name": "a.exe", "link": {"href": "/a"}, "folder": None},
            {"id": 5, "name": "a.exe", "link": {"href": "/a"}},
        ),
        ('{"id": 5}', {"id": 5}),
        (file(), file()),
        (file(0), file(0)),
        (file(MB, "a.b.png"), file(MB, "a.b.png")),
        (file(externalReferenceCode="F"), file(externalReferenceCode="F")),
        ("", None),
        (" ", None),
        (0, None),
        ({}, None),
        ({"id": None}, None),
    ],
)
def test_files_are_named_or_brought(value: Any, kept: Any) -> None:
    assert CHECK(value) == kept


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
            {"fileBase64": "eHh4"},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        (
            {"name": "a.pdf"},
            "invalid-value",
            'The value is invalid for object field "file"',
        ),
        ([5], "invalid-value", 'The value is invalid for object field "file"'),
        (True, "invalid-value", 'The value is invalid for object field "file"'),
        (-5, "invalid-value", 'The value is invalid for object field "file"'),
        ("a.pdf", "invalid-value", 'The value is invalid for object field "file"'),
        ("{", "invalid-value", 'The value is invalid for object field "file"'),
    ],
)
def test_what_is_no_file_is_refused(value: Any, code: str, message: str) -> None:
    found = CHECK(value)

    assert isinstance(found, Problem)
    assert (found.code, found.field, found.message) == (code, "file", message)


def test_content_that_ends_in_the_middle_is_refused() -> None:
    """Content is decoded in pieces; padding may only stand in the last one."""
    content = b64encode(b"x" * 196_607).decode()

    assert isinstance(CHECK({"fileBase64": content + "eHh4", "name": "a.pdf"}), Problem)
    assert CHECK({"fileBase64": content, "name": "a.pdf"})["name"] == "a.pdf"


def test_a_refusal_shows_the_file_without_its_content() -> None:
    found = CHECK(file(name="a.exe", externalReferenceCode="F"))

    assert found.value == '{"name": "a.exe", "externalReferenceCode": "F"}'


def test_without_settings_every_file_is_taken() -> None:
    check = check_for(FieldRules(name="file", type="Attachment"))

    assert check(file(MB + 1, "a.exe")) == file(MB + 1, "a.exe")
