"""Batch engine files: Liferay's bytes out, and JSON in any order in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import FileBroken, FileUnreadable
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.source import open_source
from dmc_widgets.model.entity_type import OBJECT_DEFINITION, EntityType
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.ports import ExportHeader

JSONT = FORMATS["JSONT"]
SHARED = Path(__file__).parents[3] / "shared" / "data"


def read(data: str) -> tuple[list[Any], str]:
    """Return records, or the message of a bad one, and what ended the reading."""
    found: list[Any] = []
    try:
        for each in JSONT.read(io.BytesIO(data.encode()), source="plums.json"):
            found.append(
                each.problem.message if isinstance(each, UnreadableRecord) else each
            )
    except FileBroken as exc:
        return found, str(exc)
    return found, ""


def test_layout_is_that_of_liferay_byte_by_byte(header: ExportHeader) -> None:
    """As in the facts on the batch engine, 4.7."""
    stream = io.BytesIO()

    written = JSONT.write(
        [{"code": "P-1", "price": None}, {"code": "P-2"}], stream, header
    )

    assert written == 2
    task = (
        "/o/headless-batch-engine/v1.0/import-task/"
        "com.liferay.object.rest.dto.v1_0.ObjectEntry"
    )
    assert stream.getvalue().decode() == (
        '{"actions":\n'
        f'{{"createBatch": {{"href": "{task}", "method": "POST"}}, '
        f'"deleteBatch": {{"href": "{task}", "method": "DELETE"}}, '
        f'"updateBatch": {{"href": "{task}", "method": "PUT"}}}},\n'
        '"configuration":\n'
        '{"callbackURL":null,'
        '"className":"com.liferay.object.rest.dto.v1_0.ObjectEntry","companyId":0,'
        '"multiCompany":false,"parameters":{"containsHeaders":"true",'
        '"createStrategy":"INSERT","importStrategy":"ON_ERROR_FAIL",'
        '"taskItemDelegateName":"C_Plum",'
        '"updateStrategy":"UPDATE"},"taskItemDelegateName":"C_Plum","userId":0,'
        '"version":"v1.0"},\n'
        '"items": [{"code":"P-1","price":null},{"code":"P-2"}]\n'
        "}"
    )


def test_default_delegate_is_not_written_and_parameters_are() -> None:
    stream = io.BytesIO()
    header = ExportHeader(
        entity_type=EntityType(
            name="ObjectDefinition", label="", class_name=OBJECT_DEFINITION
        ),
        fields=(),
        parameters={"siteId": "20121", "createStrategy": "UPSERT"},
        include_headers=False,
    )

    assert JSONT.write([], stream, header) == 0

    lines = stream.getvalue().decode().split("\n")
    assert lines[3:] == [
        '{"callbackURL":null,"className":'
        '"com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition","companyId":0,'
        '"multiCompany":false,"parameters":{"containsHeaders":"false",'
        '"createStrategy":"UPSERT","importStrategy":"ON_ERROR_FAIL",'
        '"siteId":"20121","updateStrategy":"UPDATE"},"userId":0,"version":"v1.0"},',
        '"items": []',
        "}",
    ]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param('{"configuration":{},"items":[{"a":1}]}', id="liferays-order"),
        pytest.param('{"items" : [ {"a":1} ] , "configuration":{}}', id="items-first"),
        pytest.param(
            '{"facets":[{"b":2},[3]],"page":1,"items":[{"a":1}],"totalCount":9}',
            id="other-keys-are-passed-over",
        ),
        pytest.param(
            '{"note":"\\"items\\": [ {","x":{"items":[{"b":2}]},"items":[{"a":1}]}',
            id="brackets-in-texts-and-items-further-down",
        ),
    ],
)
def test_items_are_found_wherever_they_stand(data: str) -> None:
    assert read(data) == ([{"a": 1}], "")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            '{"items":[{"a":1}]',
            "The file ends without the closing '}'. The record before it is complete.",
            id="cut-behind-the-items",
        ),
        pytest.param(
            '{"items":[{"a":1},{"a"',
            "The file ends within record 2. The record before it is complete.",
            id="cut-in-an-item",
        ),
        pytest.param(
            '{"items":[{"a":1}],"items":[{"a":2}]}',
            "A second 'items' follows, line 1, column 28. "
            "The record before it is complete.",
            id="items-twice",
        ),
        pytest.param(
            '{"items":[{"a":1}]}{}',
            "Other text follows the closing '}', line 1, column 20. "
            "The record before it is complete.",
            id="text-behind-the-object",
        ),
        pytest.param(
            '{"items":[{"a":1}],"x":[1,}',
            "An element of 'x' is not valid JSON (Expecting value), line 1, column 27. "
            "The record before it is complete.",
            id="malformed-elsewhere",
        ),
        pytest.param(
            '{"items":[{"a":1}],7:1}',
            "A key is expected, line 1, column 20. The record before it is complete.",
            id="no-key",
        ),
        pytest.param(
            '{"items":[{"a":1}],"x"}',
            "A ':' is expected after the key 'x', line 1, column 20. "
            "The record before it is complete.",
            id="no-colon",
        ),
    ],
)
def test_broken_file_names_the_place(data: str, message: str) -> None:
    """Items before it are yielded first."""
    assert read(data) == ([{"a": 1}], f"plums.json: {message}")


def test_item_that_is_not_an_object_is_reported_and_reading_continues() -> None:
    assert read('{"items":[{"a":1},\nnull,{"a":3}]}') == (
        [{"a": 1}, "Line 2: An object is expected, found null.", {"a": 3}],
        "",
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('[{"a":1}]', "The file does not begin with '{', as a batch engine file does."),
        ('{"a":1}', "The file is an object without 'items'."),
        ("{}", "The file is an object without 'items'."),
        ('{"items":{"a":1}}', "Its 'items' is not an array."),
    ],
)
def test_other_objects_are_refused_as_batch_engine_files(
    data: str, message: str
) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read(data)

    assert str(caught.value) == f"plums.json: {message}"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real files are not at hand")
def test_every_real_file_is_read_with_its_configuration() -> None:
    """What the batch client extensions of two public projects hold."""
    seen = {}
    for path in sorted(SHARED.rglob("*.batch-engine-data.json")):
        with open_source(path) as source:
            assert source.format.info.name == "JSONT"
            assert source.configuration is not None
            records = list(source.records())
            assert all(type(record) is dict for record in records)
            seen[f"{path.parent.name}/{path.name[:2]}"] = (
                source.configuration.key.rpartition(".")[2],
                source.configuration.policy.import_strategy.value,
                len(records),
            )

    assert seen == {
        "onboarding/01": ("ObjectFolder", "UPSERT", 1),
        "onboarding/02": ("ListTypeDefinition", "UPSERT", 3),
        "onboarding/03": ("ObjectDefinition", "UPSERT", 1),
        "onboarding/04": ("Role", "UPSERT", 1),
        "onboarding/05": ("NotificationTemplate", "UPSERT", 4),
        "pulse/01": ("ObjectFolder", "INSERT", 1),
        "pulse/02": ("ListTypeDefinition", "UPSERT", 1),
        "pulse/03": ("ObjectDefinition", "UPSERT", 4),
        "pulse/04": ("ObjectEntry#C_Acquisition", "UPSERT", 1),
        "pulse/05": ("ObjectEntry#C_Campaign", "UPSERT", 2),
        "pulse/06": ("ObjectEntry#C_CampaignInteraction", "UPSERT", 2),
        "pulse/07": ("ObjectEntry#C_UrlToken", "UPSERT", 2),
        "pulse/08": ("ObjectDefinition", "UPSERT", 4),
    }
