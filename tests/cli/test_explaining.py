"""`dmc errors`: what a code means, and what is said with it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from dmc_widgets.cli import app


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["errors", *arguments])
    return done.exit_code, done.output


def test_all_codes_are_listed() -> None:
    status, text = run()

    assert status == 0
    assert text.splitlines()[0].split() == ["Code", "Fails", "Meaning"]
    assert "required" in text
    assert "file-broken" in text


def test_a_code_is_explained() -> None:
    assert run("required") == (
        0,
        "required fails a record: a required field has no value.\n"
        '  No value was provided for required object field "{field}"\n'
        "    com.liferay.object.exception.ObjectEntryValuesException$Required\n",
    )


def test_a_class_of_liferay_is_explained() -> None:
    name = "com.liferay.object.exception.ObjectEntryValuesException$Required"

    assert run(name) == run("required")


def test_a_code_of_two_things_is_explained_twice() -> None:
    _, text = run("refused")

    assert [line.split(":")[0] for line in text.splitlines()] == [
        "refused fails the task",
        "refused fails a record",
    ]


def test_programs_read_json() -> None:
    _, text = run("list-type-entry", "--json")

    assert json.loads(text) == [
        {
            "code": "list-type-entry",
            "meaning": "no entry of the picklist, or more than one, has that key or "
            "name",
            "fails": "record",
            "status": 400,
            "texts": [
                {
                    "text": 'Object field name "{field}" is not mapped to a valid list '
                    "type entry",
                    "source": "liferay",
                    "exceptions": [
                        "com.liferay.object.exception."
                        "ObjectEntryValuesException$ListTypeEntry"
                    ],
                    "said": True,
                }
            ],
        }
    ]


def test_an_unknown_code_is_named_with_those_that_are_known() -> None:
    status, text = run("requird")

    assert status == 2
    assert text.startswith("Error: There is no error code named 'requird'. Known: ")
