"""Items of a package are matched by a key, and later files name them as it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.strategies import Policy
from dmc_widgets.workspace import Workspace
from tests.tasks.migration.test_migration_task import definition, link, read, write
from tests.tasks.packages.batch_files import (
    SUFFIX,
    batch_file,
    import_package,
    write_package,
)

ERC = "externalReferenceCode"
CONTINUE = {"importStrategy": "ON_ERROR_CONTINUE"}
SHOP, OWNER = "r_shop_c_shopERC", "r_owner_c_shopERC"
DEFINITIONS = [
    definition("Shop", link("shop", "SHOP", "TILL"), link("owner", "SHOP", "SHOP")),
    definition("Till"),
]


@pytest.mark.parametrize("is_rehearsed", [False, True], ids=["run", "after a dry run"])
def test_later_files_name_what_was_matched(
    workspace: Workspace, tmp_path: Path, is_rehearsed: bool
) -> None:
    """Also within a file, wherever it stands; a key that no file has is told."""
    center = Center(workspace)
    url = f"sqlite:///{tmp_path / 'target.db'}"
    center.installations.add("target", url)
    write(url, "ObjectDefinition", DEFINITIONS, Policy())
    write(url, "C_Shop", [{ERC: "X", "title": "Corner"}, {ERC: "S3", "title": "Else"}])
    shops = [
        {ERC: "S2", "title": "Mall", OWNER: "S1"},
        {ERC: "S1", "title": "Corner"},
        {ERC: "S3", "title": "Pier"},
    ]
    tills = [{ERC: f"T{n}", SHOP: f"S{n}"} for n in (1, 2, 3)]
    files = {"1-shop": ("Shop", shops), "2-till": ("Till", tills)}
    package = write_package(
        tmp_path / "package",
        {
            f"{name}{SUFFIX}": batch_file(entity, items, CONTINUE)
            for name, (entity, items) in files.items()
        },
    )
    match: Any = (("Shop", ("title",)), ("Nothing", ("title",)))

    def outcomes(**more: Any) -> list[Any]:
        steps = import_package(workspace, package, match=match, **more)
        assert [(x.file, x.reason) for x in steps if x.task is None] == [
            ("Nothing", "No file of the package holds such items, so none was matched.")
        ]
        tasks = [center.tasks.outcomes(x.task.id) for x in steps if x.task]
        return [x[["outcome", ERC, "code"]].to_dict("records") for x in tasks]

    shown = outcomes(dry_run=True) if is_rehearsed else None
    done = outcomes()

    assert shown is None or shown == done
    assert [[(x["outcome"], x[ERC], x["code"]) for x in file] for file in done] == [
        [
            ("created", "S2", ""),
            ("unchanged", "X", ""),
            ("failed", "", "match-conflict"),
        ],
        [
            ("created", "T1", ""),
            ("created", "T2", ""),
            ("failed", "", "no-such-related-object-entry"),
        ],
    ]
    assert read(center, "target", "C_Shop")["S2"][OWNER] == "X"
    named = {key: till[SHOP] for key, till in read(center, "target", "C_Till").items()}
    assert named == {"T1": "X", "T2": "S2"}
