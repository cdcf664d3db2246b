"""What a batch engine file states, and what holds where it states nothing."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.errors import FileUnreadable
from dmc_widgets.formats import BatchConfiguration
from dmc_widgets.formats.json.batch_configuration import parse_configuration
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)


def configuration(**data: Any) -> BatchConfiguration:
    return parse_configuration({"className": "org.Plum", **data}, source="plums.json")


def test_defaults_of_the_batch_engine_fill_what_is_not_stated() -> None:
    """INSERT, UPDATE and ON_ERROR_FAIL, which are not the form's defaults."""
    assert configuration() == BatchConfiguration(
        class_name="org.Plum",
        delegate="DEFAULT",
        policy=Policy(
            import_strategy=ImportStrategy.INSERT,
            update_strategy=UpdateStrategy.UPDATE,
            error_strategy=ErrorStrategy.STOP,
        ),
        parameters={},
        field_mapping={},
    )


def test_configuration_keeps_everything_stated() -> None:
    found = configuration(
        taskItemDelegateName="C_Plum",
        parameters={
            "createStrategy": "UPSERT",
            "updateStrategy": "PARTIAL_UPDATE",
            "importStrategy": "ON_ERROR_CONTINUE",
            "containsHeaders": True,
            "siteId": 20121,
            "search": None,
        },
        fieldNameMappingMap={"title": "name"},
        multiCompany=False,
        unknown=[1],
    )

    assert found == BatchConfiguration(
        class_name="org.Plum",
        delegate="C_Plum",
        policy=Policy(
            import_strategy=ImportStrategy.UPSERT,
            update_strategy=UpdateStrategy.PARTIAL_UPDATE,
            error_strategy=ErrorStrategy.CONTINUE,
        ),
        parameters={
            "createStrategy": "UPSERT",
            "updateStrategy": "PARTIAL_UPDATE",
            "importStrategy": "ON_ERROR_CONTINUE",
            "containsHeaders": "true",
            "siteId": "20121",
        },
        field_mapping={"title": "name"},
    )


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({}, "ON_ERROR_FAIL", id="nothing"),
        pytest.param({"onErrorFail": "true"}, "ON_ERROR_FAIL", id="text-true"),
        pytest.param({"onErrorFail": "false"}, "ON_ERROR_CONTINUE", id="text-false"),
        pytest.param({"onErrorFail": True}, "ON_ERROR_FAIL", id="true"),
        pytest.param({"onErrorFail": False}, "ON_ERROR_CONTINUE", id="false"),
        pytest.param({"onErrorFail": "False"}, "ON_ERROR_CONTINUE", id="capital"),
        pytest.param({"onErrorFail": None}, "ON_ERROR_FAIL", id="null"),
        pytest.param(
            {"importStrategy": "ON_ERROR_CONTINUE", "onErrorFail": "true"},
            "ON_ERROR_CONTINUE",
            id="importStrategy-wins-to-continue",
        ),
        pytest.param(
            {"importStrategy": "ON_ERROR_FAIL", "onErrorFail": False},
            "ON_ERROR_FAIL",
            id="importStrategy-wins-to-stop",
        ),
    ],
)
def test_three_spellings_of_the_error_strategy(
    parameters: dict[str, Any], expected: str
) -> None:
    assert configuration(parameters=parameters).policy.error_strategy.value == expected


@pytest.mark.parametrize(
    ("data", "key"),
    [
        pytest.param({}, "org.Plum", id="none"),
        pytest.param({"taskItemDelegateName": "C_A"}, "org.Plum#C_A", id="outside"),
        pytest.param(
            {"parameters": {"taskItemDelegateName": "C_A"}},
            "org.Plum#C_A",
            id="in-the-parameters",
        ),
        pytest.param(
            {
                "taskItemDelegateName": "C_A",
                "parameters": {"taskItemDelegateName": "C_B"},
            },
            "org.Plum#C_A",
            id="outside-wins",
        ),
        pytest.param({"taskItemDelegateName": "DEFAULT"}, "org.Plum", id="default"),
        pytest.param({"taskItemDelegateName": None}, "org.Plum", id="null"),
    ],
)
def test_class_and_delegate_make_the_key(data: dict[str, Any], key: str) -> None:
    assert configuration(**data).key == key


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param([], "Its 'configuration' is not an object.", id="no-object"),
        pytest.param(
            {}, "Its 'configuration' names no class in 'className'.", id="no-class"
        ),
        pytest.param(
            {"className": 7},
            "Its 'configuration' names no class in 'className'.",
            id="class-no-text",
        ),
        pytest.param(
            {"className": "org.Plum", "parameters": "x"},
            "In its 'configuration', 'parameters' is not an object.",
            id="parameters-no-object",
        ),
        pytest.param(
            {"className": "org.Plum", "parameters": {"createStrategy": "MERGE"}},
            "Its configuration states createStrategy 'MERGE'. "
            "Known: INSERT, UPDATE, UPSERT.",
            id="createStrategy",
        ),
        pytest.param(
            {"className": "org.Plum", "parameters": {"updateStrategy": "MERGE"}},
            "Its configuration states updateStrategy 'MERGE'. "
            "Known: PARTIAL_UPDATE, UPDATE.",
            id="updateStrategy",
        ),
        pytest.param(
            {"className": "org.Plum", "parameters": {"importStrategy": "STOP"}},
            "Its configuration states importStrategy 'STOP'. "
            "Known: ON_ERROR_FAIL, ON_ERROR_CONTINUE.",
            id="importStrategy",
        ),
        pytest.param(
            {"className": "org.Plum", "parameters": {"onErrorFail": "perhaps"}},
            "Its configuration states onErrorFail 'perhaps'. Known: true, false.",
            id="onErrorFail",
        ),
    ],
)
def test_wrong_configuration_is_refused(data: Any, message: str) -> None:
    """Guessing a strategy could overwrite what should stay."""
    with pytest.raises(FileUnreadable) as caught:
        parse_configuration(data, source="plums.json")

    assert str(caught.value) == f"plums.json: {message}"
