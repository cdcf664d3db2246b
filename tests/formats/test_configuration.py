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
        site="20121",
        notes=("The configuration has keys that are not read: unknown.",),
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
        pytest.param({"onErrorFail": "ON_ERROR_FAIL"}, "ON_ERROR_FAIL", id="word-fail"),
        pytest.param(
            {"onErrorFail": "ON_ERROR_CONTINUE"},
            "ON_ERROR_CONTINUE",
            id="word-continue",
        ),
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
            {
                "className": "org.Plum",
                "parameters": {"createStrategy": "UPSERT", "updateStrategy": "MERGE"},
            },
            "Its configuration states updateStrategy 'MERGE'. "
            "Known: PARTIAL_UPDATE, UPDATE.",
            id="updateStrategy",
        ),
        pytest.param(
            {"className": "org.Plum", "fieldNameMappingMap": ["a"]},
            "In its 'configuration', 'fieldNameMappingMap' is not an object.",
            id="mapping-no-object",
        ),
    ],
)
def test_wrong_configuration_is_refused(data: Any, message: str) -> None:
    """Guessing a strategy could overwrite what should stay."""
    with pytest.raises(FileUnreadable) as caught:
        parse_configuration(data, source="plums.json")

    assert str(caught.value) == f"plums.json: {message}"


@pytest.mark.parametrize(
    ("parameters", "policy", "note"),
    [
        pytest.param(
            {"onErrorFail": "perhaps"},
            "Policy(INSERT, UPDATE, ON_ERROR_FAIL)",
            "The file states onErrorFail 'perhaps', which Liferay ignores; "
            "ON_ERROR_FAIL is taken. "
            "Known: true, false, ON_ERROR_FAIL, ON_ERROR_CONTINUE.",
            id="onErrorFail",
        ),
        pytest.param(
            {"importStrategy": "STOP", "onErrorFail": "false"},
            "Policy(INSERT, UPDATE, ON_ERROR_FAIL)",
            "The file states importStrategy 'STOP', which Liferay ignores; "
            "ON_ERROR_FAIL is taken. Known: ON_ERROR_FAIL, ON_ERROR_CONTINUE.",
            id="importStrategy",
        ),
        pytest.param(
            {"createStrategy": "INSERT", "updateStrategy": "MERGE"},
            "Policy(INSERT, UPDATE, ON_ERROR_FAIL)",
            "The file states updateStrategy 'MERGE', which Liferay ignores; "
            "UPDATE is taken. Known: PARTIAL_UPDATE, UPDATE.",
            id="updateStrategy-of-an-insert",
        ),
        pytest.param(
            {
                "createStrategy": "upsert",
                "updateStrategy": "Partial_Update",
                "importStrategy": "on_error_continue",
            },
            "Policy(UPSERT, PARTIAL_UPDATE, ON_ERROR_CONTINUE)",
            "",
            id="any-case",
        ),
        pytest.param(
            {"createStrategy": None, "updateStrategy": "", "importStrategy": None},
            "Policy(INSERT, UPDATE, ON_ERROR_FAIL)",
            "",
            id="nothing-stated",
        ),
        pytest.param(
            {"containsHeaders": False, "delimiter": ";", "contentType": "JSONT"},
            "Policy(INSERT, UPDATE, ON_ERROR_FAIL)",
            "",
            id="choices-of-an-export",
        ),
        pytest.param(
            {"featureFlag": "LPD-1", "createstrategy": "UPSERT", "x": {"y": [1]}},
            "Policy(INSERT, UPDATE, ON_ERROR_FAIL)",
            "The file has parameters that are not read: createstrategy, featureFlag, "
            "x.",
            id="unknown-parameters",
        ),
    ],
)
def test_what_liferay_ignores_is_noted_and_never_refused(
    parameters: dict[str, Any], policy: str, note: str
) -> None:
    found = configuration(parameters=parameters)

    assert repr(found.policy) == policy
    assert " ".join(found.notes) == note


@pytest.mark.parametrize(
    ("data", "note"),
    [
        pytest.param(
            {"companyId": "main", "userId": [7], "version": 1.0}, "", id="any-type"
        ),
        pytest.param(
            {"multiCompany": False, "callbackURL": None, "other": ""}, "", id="idle"
        ),
        pytest.param({"parameters": None, "fieldNameMappingMap": None}, "", id="null"),
        pytest.param(
            {"multiCompany": "true", "callbackURL": "http://localhost", "hint": {}},
            "The configuration has keys that are not read: callbackURL, hint, "
            "multiCompany.",
            id="named",
        ),
    ],
)
def test_keys_that_mean_nothing_here_are_taken(data: dict[str, Any], note: str) -> None:
    assert " ".join(configuration(**data).notes) == note


@pytest.mark.parametrize(
    ("parameters", "site"),
    [
        pytest.param({"siteId": 20121}, "20121", id="number"),
        pytest.param({"siteId": "Guest"}, "Guest", id="key"),
        pytest.param({"siteId": "L_GUEST"}, "L_GUEST", id="code"),
        pytest.param({"siteExternalReferenceCode": "NORTH"}, "NORTH", id="by-its-code"),
        pytest.param({"scopeKey": " north "}, "north", id="scope-key"),
        pytest.param({"siteId": "", "scopeKey": None}, "", id="none"),
        pytest.param(
            {"siteId": 7, "siteExternalReferenceCode": "B", "scopeKey": "A"},
            "A",
            id="liferays-order",
        ),
        pytest.param(
            {"siteId": 7, "siteExternalReferenceCode": "B"}, "B", id="code-before-id"
        ),
    ],
)
def test_site_is_read_from_any_of_its_parameters(
    parameters: dict[str, Any], site: str
) -> None:
    assert configuration(parameters=parameters).site == site
