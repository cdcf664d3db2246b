"""Files and tasks that the public widgets are tried on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dmc_widgets.center import Center, TaskHandle


@pytest.fixture
def bicycles(tmp_path: Path) -> Path:
    """A file of three bicycles, of which the last one has no price."""
    prices = [799.0, 1249.5, "a lot"]
    records = [
        {
            "externalReferenceCode": f"TOOLKIT-{number}",
            "frameNumber": f"TK-{number:04}",
            "kind": "road",
            "model": f"Kranich {number}",
            "price": price,
        }
        for number, price in enumerate(prices, start=1)
    ]
    path = tmp_path / "bicycles.jsonl"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return path


@pytest.fixture
def import_bicycles(center: Center, bicycles: Path) -> Callable[..., TaskHandle]:
    """Import the bicycles; two come in, and one fails."""

    def start(**choices: object) -> TaskHandle:
        return center.import_file(
            "Sample source",
            "Bicycle",
            bicycles,
            on_error="continue",
            **choices,  # type: ignore[arg-type]
        )

    return start
