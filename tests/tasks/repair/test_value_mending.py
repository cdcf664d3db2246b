"""A value that is wrong in many records the same way is mended once."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.center.repair import MendedRecords
from dmc_widgets.center.repair_table import RepairDraft
from dmc_widgets.center.task_handle import TaskHandle
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations.sql import encryption
from dmc_widgets.installations.sql.encryption import VARIABLE
from dmc_widgets.model.mend import Mend
from dmc_widgets.model.task import Counts
from dmc_widgets.objects.fields.encrypted import HIDDEN
from tests.factories import write_json

ERC = "externalReferenceCode"


@pytest.fixture
def task(gallery: Center, tmp_path: Path) -> TaskHandle:
    """40 pictures in a colour that is not there, 3 in another, and a good one."""
    colours = ["Blau"] * 40 + ["green"] * 3 + ["red"]
    records = [
        {ERC: f"P-{number}", "title": f"No. {number}", "colour": colour}
        for number, colour in enumerate(colours, start=1)
    ]
    path = write_json(tmp_path / "pictures.json", records)
    return gallery.import_file("gallery", "Picture", path, on_error="continue")


def colours(center: Center) -> list[str]:
    with center.installations.connect("gallery") as opened:
        return sorted({item["colour"]["key"] for item in opened.read("Picture")})


def test_failures_are_grouped_by_value(gallery: Center, task: TaskHandle) -> None:
    groups = gallery.repair.groups(task.id)

    assert [(x.number, x.field, x.value) for x in groups] == [
        (40, "colour", '"Blau"'),
        (3, "colour", '"green"'),
    ]


def test_a_rejected_value_is_replaced_in_all_records(
    gallery: Center, task: TaskHandle
) -> None:
    task.retry(replace={"colour": {"Blau": "blue"}})

    assert task.counts == Counts(created=41, failed=3)
    assert colours(gallery) == ["blue", "red"]


def test_a_rejected_value_becomes_a_key_of_the_picklist(
    gallery: Center, task: TaskHandle
) -> None:
    mends: dict[str, Any] = {
        "replace": {"colour": {"Blau": "blue"}},
        "add_keys": {"colour": ["green"]},
    }
    check = task.retry(**mends, dry_run=True)
    assert (check.counts, check.problems) == (Counts(created=43), ())
    assert colours(gallery) == ["red"]

    task.retry(**mends)

    assert task.counts == Counts(created=44)
    assert colours(gallery) == ["blue", "green", "red"]


@pytest.fixture
def secret_task(gallery: Center, tmp_path: Path) -> TaskHandle:
    """A picture without a title, whose secret has to be mended, too."""
    record = {ERC: "P-1", "title": "", "colour": "Blau", "secret": "old hush"}
    path = write_json(tmp_path / "pictures.json", [record])
    return gallery.import_file("gallery", "Picture", path, on_error="continue")


def test_mended_secrets_are_sealed_until_their_records_are_in(
    gallery: Center, secret_task: TaskHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the workspace nor a table of failed records shows one."""
    monkeypatch.setenv(VARIABLE, urlsafe_b64encode(b"k" * 32).decode())
    frame = secret_task.failures()
    assert frame["secret"][0] == HIDDEN
    frame.loc[0, "secret"] = "new hush"

    secret_task.retry(frame)

    assert secret_task.counts == Counts(failed=1)
    frame = secret_task.failures()
    assert frame["secret"][0] == HIDDEN
    kept = gallery._workspace.repairs.mends(secret_task.id)[1]
    assert repr(kept) == "Mend(values={('secret',): SealedValue(***)})"
    assert "hush" not in kept.to_json()
    for path in gallery._workspace.path.glob("*.db*"):
        assert b"new hush" not in path.read_bytes()

    frame.loc[0, "title"], frame.loc[0, "colour"] = "Sea", "blue"
    assert secret_task.retry(frame, dry_run=True).problems == ()
    assert secret_task.retry(frame).counts == Counts(created=1)
    with gallery.installations.connect("gallery") as opened:
        assert [item["secret"] for item in opened.read("Picture")] == ["new hush"]


def test_mended_secrets_are_refused_without_a_key(
    secret_task: TaskHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encryption, "_keyring_key", lambda: "")
    monkeypatch.delenv(VARIABLE, raising=False)
    frame = secret_task.failures()
    frame.loc[0, "secret"] = "new hush"

    with pytest.raises(InvalidPlan, match="'secret' goes into an Encrypted field"):
        secret_task.retry(frame)


def test_secrets_of_a_draft_are_sealed_and_retried_without_being_shown(
    gallery: Center, secret_task: TaskHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form keeps what was typed; nobody reads the secret in it."""
    monkeypatch.setenv(VARIABLE, urlsafe_b64encode(b"k" * 32).decode())
    repair, number = gallery.repair, secret_task.id
    typed = Mend({("secret",): "new hush", ("title",): "Sea", ("colour",): "blue"})

    repair.save_draft(number, RepairDraft({1: typed}))

    draft = repair.draft(number)
    (row,) = repair.rows(number, repair.columns(number), mends=draft.mends)
    assert (row.cells["title"].text, row.cells["secret"].text) == ("Sea", HIDDEN)
    for path in gallery._workspace.path.glob("*.db*"):
        assert b"new hush" not in path.read_bytes()
    records = MendedRecords(draft.mends)
    assert repair.check(number, records).problems == ()
    repair.start(number, records)
    assert repair.draft(number) == RepairDraft()
    with gallery.installations.connect("gallery") as opened:
        assert [item["secret"] for item in opened.read("Picture")] == ["new hush"]


def test_a_draft_keeps_all_but_secrets_without_a_key(
    gallery: Center, secret_task: TaskHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encryption, "_keyring_key", lambda: "")
    monkeypatch.delenv(VARIABLE, raising=False)
    repair, number = gallery.repair, secret_task.id
    title = Mend({("title",): "Sea"})
    repair.save_draft(number, RepairDraft({1: title}))

    with pytest.raises(InvalidPlan, match="'secret' goes into an Encrypted field"):
        repair.save_draft(number, RepairDraft({1: Mend({("secret",): "new hush"})}))

    assert repair.draft(number) == RepairDraft({1: title})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        pytest.param(
            "colour", "Rot", "No record of task 1 failed for 'Rot'", id="value"
        ),
        pytest.param("title", "x", "No record of task 1 failed for 'x'", id="field"),
    ],
)
def test_a_value_for_which_nothing_failed_is_refused(
    task: TaskHandle, field: str, value: str, message: str
) -> None:
    with pytest.raises(InvalidPlan, match=message):
        task.retry(replace={field: {value: "blue"}})
