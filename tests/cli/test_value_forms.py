"""Values in other forms, from a table through the command line."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.ports import Query
from tests.cli.driver import ERC, Driver

COLUMNS = f"{ERC},frameNumber,model,kind.name,extras.name_1,extras.name_2,distance"


def test_names_of_picklist_entries_are_found_and_unknown_ones_are_told(
    run: Driver, target: str, center: Center, tmp_path: Path
) -> None:
    """The second record fails with what there is; the third with the cause."""
    file = tmp_path / "bicycles.csv"
    lines = [
        COLUMNS,
        "V-1,F-V1,Corsa,Rennrad,Bell,Schloss,12",
        "V-2,F-V2,Corsa,Tandem,,,12",
        "V-3,F-V3,Corsa,City,,,abc",
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    result = run("import", target, "Bicycle", file, "--on-error", "continue")

    assert result.exit_code != 0
    assert "1 created" in result.stdout
    told = " ".join(result.stderr.split())
    assert (
        'The picklist of the field "kind" has no entry named "Tandem". Its entries: '
        "city (City), trekking (Trekking), road (Road), mountain (Mountain), cargo "
        '(Cargo), child (Child). Object field name "kind" is not mapped to a valid '
        "list type entry"
    ) in told
    assert '"abc" in the field "distance" is not a whole number.' in told
    (url,) = (
        installation.url
        for installation in center.installations.list()
        if installation.name == target
    )
    with closing(connect(url)) as installation:
        kind = center.installations.entity_type(target, "Bicycle")
        (stored,) = installation.read(kind, Query(filter=f"{ERC} eq 'V-1'"))
    assert stored["kind"]["key"] == "road"
    assert [extra["key"] for extra in stored["extras"]] == ["bell", "lock"]
