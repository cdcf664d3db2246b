"""Names of exported files: what is in them, the day, and nothing that harms."""

from __future__ import annotations

from pathlib import Path

import pytest

from dmc_widgets.model.file_names import (
    find_free_path,
    make_export_name,
    make_safe_name,
)
from dmc_widgets.model.plan import BackupPlan, ExportPlan, PackagePlan, Plan, Selection

_NOON = "2026-11-28T12:00:00+00:00"


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        (ExportPlan(entity_type="C_Customer"), "Customer-2026-11-28.zip"),
        (
            ExportPlan(
                entity_type="com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Customer"
            ),
            "Customer-2026-11-28.zip",
        ),
        (
            ExportPlan(
                entity_type="com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"
            ),
            "ObjectDefinition-2026-11-28.zip",
        ),
        (
            PackagePlan(selection=Selection(entity_types=("C_Bicycle", "C_Repair"))),
            "Bicycle-Repair-package-2026-11-28.zip",
        ),
        (PackagePlan(), "Shop- Berlin-package-2026-11-28.zip"),
        (BackupPlan(), "Shop- Berlin-backup-2026-11-28.zip"),
    ],
)
def test_an_export_is_called_by_what_it_holds_and_its_day(
    plan: Plan, name: str
) -> None:
    """Everything, and more than three entity types, is called by its installation."""
    assert make_export_name(plan, "Shop: Berlin", _NOON) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('a<b>c:d"e/f\\g|h?i*j', "a-b-c-d-e-f-g-h-i-j"),
        ("../../etc/passwd", "-..-etc-passwd"),
        ("con", "con_"),
        ("LPT1.csv", "LPT1.csv_"),
        ("console", "console"),
        ("invoice\u202efdp.exe\x00\n", "invoicefdp.exe"),
        ("ends with dots. . ", "ends with dots"),
        ("", "export"),
        ("\u200b", "export"),
        ("Größe", "Größe"),
        ("ü" * 200, "ü" * 80),
    ],
)
def test_a_name_is_one_that_every_system_takes(text: str, name: str) -> None:
    """Windows refuses characters, devices, and dots and blanks at the end."""
    assert make_safe_name(text) == name


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    """So nothing is replaced that nobody named."""
    path = tmp_path / "Customer-2026-11-28.zip"
    for _ in range(3):
        find_free_path(path).touch()

    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "Customer-2026-11-28 (2).zip",
        "Customer-2026-11-28 (3).zip",
        "Customer-2026-11-28.zip",
    ]
