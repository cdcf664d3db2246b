"""Changes: what counts as a change, what counts as lost, and that they travel."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.alike_changes import (
    AddedChanges,
    ReplacedChanges,
    ReplacedValues,
)
from dmc_widgets.model.change import (
    FieldChange,
    ItemChange,
    find_field_changes,
    join_changes,
    pack_changes,
    unpack_changes,
)
from dmc_widgets.model.change_dumping import dump_changes
from dmc_widgets.model.plan import ImportPlan, MigrationPlan, plan_from_dict
from dmc_widgets.model.run_options import RunOptions


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("DE1", None, True),
        ("DE1", "", True),
        ([1], [], True),
        (0, None, True),
        ("DE1", "DE2", False),
        ("DE1", 0, False),
        (None, "DE1", False),
        (False, None, False),
        (True, False, False),
        (True, None, True),
    ],
)
def test_lost_where_a_value_is_there_and_none_comes(
    old: Any, new: Any, lost: bool
) -> None:
    assert FieldChange("vat", old, new).lost is lost


def test_fields_are_compared_by_name_and_maps_part_by_part() -> None:
    old = {"a": 1, "b": "x", "t": {"en": "Hi", "de": "Hallo"}, "gone": "y", "no": None}
    new = {"a": 1, "b": "z", "t": {"en": "Hi", "fr": "Salut"}, "no": "", "new": [1]}

    assert list(find_field_changes(old, new)) == [
        FieldChange("b", "x", "z"),
        FieldChange("gone", "y", None),
        FieldChange("new", None, [1]),
        FieldChange("t.de", "Hallo", None),
        FieldChange("t.fr", None, "Salut"),
    ]


def test_two_writes_of_one_item_are_taken_back_together() -> None:
    first = ItemChange(
        (FieldChange("a", 1, 2),), "", "f1", {"values": {"a": 1}, "modified": 5}
    )
    later = {"values": {"a": 2, "b": 3}, "modified": 6, "status": 2, "linked": [[1, 2]]}
    second = ItemChange((FieldChange("b", 3, 4),), "", "f2", later)
    fields = (*first.fields, *second.fields)
    before = {
        "values": {"a": 1, "b": 3},
        "modified": 5,
        "status": 2,
        "linked": [[1, 2]],
    }
    assert join_changes(first, second) == ItemChange(fields, "", "f2", before)

    created = ItemChange((), "", "f1", {"files": [1]})
    kept = {"files": [1], "linked": [[1, 2]]}
    assert join_changes(created, second) == ItemChange(second.fields, "", "f2", kept)
    assert join_changes(ItemChange(), second) == ItemChange((), "", "f2")


def test_changes_travel_as_json() -> None:
    changes = [None, ItemChange((FieldChange("a", 1, None),), "Guest", "f1", {"a": 1})]

    assert unpack_changes(orjson.loads(orjson.dumps(pack_changes(changes)))) == changes


def test_changes_are_written_anew_unless_they_are_the_very_same() -> None:
    """1 equals True, but their texts differ."""
    number = ItemChange((FieldChange("a", 1, None),))
    boolean = ItemChange((FieldChange("a", True, None),))
    text = dump_changes([number, None])

    assert text == b'[[[["a",1,null]],"","",null],null]'
    assert dump_changes([number, None]) is text
    assert dump_changes([boolean, None]) == b'[[[["a",true,null]],"","",null],null]'
    assert dump_changes([number]) == b'[[[["a",1,null]],"","",null]]'
    assert dump_changes([]) == b"[]"


def test_plans_keep_a_journal_unless_they_say_otherwise() -> None:
    plan = ImportPlan(entity_type="C_Ticket", options=RunOptions(journal=False))
    older = plan.as_dict() | {"options": {}}

    assert plan_from_dict(plan.as_dict()) == plan
    assert plan_from_dict(older) == ImportPlan(entity_type="C_Ticket")
    del older["options"]
    assert plan_from_dict(older) == ImportPlan(entity_type="C_Ticket")
    moving = MigrationPlan(source="A", options=RunOptions(journal=False))
    assert plan_from_dict(moving.as_dict()) == moving
    with pytest.raises(InvalidPlan, match="journal"):
        RunOptions(journal="yes")  # type: ignore[arg-type]


@pytest.mark.parametrize("site", ["", "guest", 'a "b" \\ 100%s é'])
def test_changes_of_new_items_are_those_that_are_made_one_by_one(site: str) -> None:
    added = AddedChanges(site, "17.0.", [255, 16, 0])

    single = [ItemChange((), site, f"17.0.{end}") for end in ("ff", "10", "0")]
    assert [*added] == single
    assert [added[place] for place in (0, 1, -1)] == single
    assert [*added[1:]] == single[1:]
    assert dump_changes(added) == dump_changes(single)
    assert unpack_changes(orjson.loads(dump_changes(added))) == single


@pytest.mark.parametrize("site", ["", "guest", 'a "b" \\ 100%s é'])
def test_changes_of_the_same_fields_are_those_that_are_made_one_by_one(
    site: str,
) -> None:
    title = ReplacedValues('50%"', ["50%s\n", "ö", '"'], ["%d", "\x00", "\u2028"])
    size = ReplacedValues(
        "size", [1.5, -(2**63), [1, "a"]], [2**63 - 1, 1e22, {"a": 1}]
    )
    replaced = ReplacedChanges(site, "17.0.", [255, 16, 0], [title, size], [7, 8, 9])

    single = [
        ItemChange(
            (
                FieldChange('50%"', title.old[place], title.new[place]),
                FieldChange("size", size.old[place], size.new[place]),
            ),
            site,
            f"17.0.{end}",
            {
                "values": {'50%"': title.old[place], "size": size.old[place]},
                "modified": modified,
            },
        )
        for place, (end, modified) in enumerate([("ff", 7), ("10", 8), ("0", 9)])
    ]
    assert [*replaced] == single
    assert [replaced[place] for place in (0, 1, -1)] == single[:2] + single[2:]
    assert [*replaced[1:]] == single[1:]
    assert dump_changes(replaced) == dump_changes(single)
    assert dump_changes(replaced[:1]) == dump_changes(single[:1])
    assert unpack_changes(orjson.loads(dump_changes(replaced))) == single
    with pytest.raises(IndexError):
        replaced[3]


def test_changes_of_translations_are_listed_by_language() -> None:
    """What takes them back holds the whole map, and the plain text beside it."""
    maps = [{"en_US": "One", "de_DE": "Eins"}, {"en_US": "Two", "de_DE": "Eins"}]
    later = [{"en_US": "Three", "de_DE": "Eins"}] * 2
    stored = [
        ReplacedValues("name", ["One", "Two"], ["Three", "Three"]),
        ReplacedValues("name_i18n", maps, later),
    ]
    shown = [ReplacedValues("name_i18n.en_US", ["One", "Two"], ["Three", "Three"])]

    changes = ReplacedChanges("", "17.0.", [255, 16], stored, [7, 8], shown=shown)

    single = [
        ItemChange(
            (FieldChange("name_i18n.en_US", old, "Three"),),
            "",
            fingerprint,
            {"values": {"name": old, "name_i18n": values}, "modified": modified},
        )
        for old, values, fingerprint, modified in zip(
            ["One", "Two"], maps, ["17.0.ff", "17.0.10"], [7, 8], strict=True
        )
    ]
    assert [*changes] == single
    assert [*changes[1:]] == single[1:]
    assert changes.names == ["name_i18n.en_US"]
    assert dump_changes(changes) == dump_changes(single)
    assert dump_changes(changes[1:]) == dump_changes(single[1:])
