"""Errors cross processes, and say what was met and what would put it right."""

from __future__ import annotations

import pickle

import pytest

from dmc_widgets import errors

EXAMPLES = [
    (
        errors.UnknownName("format", "XML", ("CSV", "JSON")),
        "There is no format named 'XML'. Known: CSV, JSON.",
    ),
    (
        errors.UnknownName("template", "Friday"),
        "There is no template named 'Friday'. Known: none.",
    ),
    (
        errors.NameTaken("template", "Friday"),
        "A template named 'Friday' already exists. Choose another name.",
    ),
    (errors.NotSupported("No.", "Do this."), "No. Do this."),
    (
        errors.NotPermitted("ada", "import", "Production"),
        "ada does not have the role 'import' on 'Production'. "
        "Ask an administrator for it.",
    ),
    (errors.InvalidPlan("Choose."), "Choose."),
    (
        errors.UnknownChoice("import strategy", "'ADD'", ("INSERT", "UPDATE")),
        "'ADD' is not an import strategy. Choose one of: 'INSERT', 'UPDATE'.",
    ),
    (
        errors.InvalidQuery("filter", "it is too long."),
        "The filter cannot be used: it is too long.",
    ),
    (
        errors.InvalidQuery("filter", "expected a comma; found the end.", 7),
        "The filter cannot be used at character 7: expected a comma; found the end.",
    ),
    (errors.FileUnreadable("a.json", "it is empty."), "a.json: it is empty."),
    (errors.FileBroken("a.json", "it ends early."), "a.json: it ends early."),
    (errors.Refused("x.db", "no database."), "x.db: no database."),
    (errors.Unreachable("x.db", "locked."), "x.db: locked. Try again later."),
    (
        errors.TargetChanged("Shop", "It would be updated now.", 7, 3),
        "Shop: Record 7 is not as the dry run (task 3) has shown. It would be updated "
        "now. Nothing was written from its batch on. Do the dry run again.",
    ),
    (
        errors.WorkersLost(6, "partition 3"),
        "6 workers have ended before partition 3 did. Most often the memory of the "
        "machine is too small for them: resume the task with fewer. The worker's "
        "log beside the task's files may say more.",
    ),
    (errors.DiskFull("/w", "no room."), "/w: no room."),
    (errors.WorkspaceUnusable("/w", "no."), "/w: no."),
]


@pytest.mark.parametrize(
    ("error", "text"), EXAMPLES, ids=[type(error).__name__ for error, _ in EXAMPLES]
)
def test_error_survives_pickling_with_its_text_and_code(
    error: errors.DmcError, text: str
) -> None:
    again = pickle.loads(pickle.dumps(error))

    assert str(error) == text
    assert (type(again), str(again), again.code) == (type(error), text, error.code)


def test_every_leaf_of_the_tree_has_a_code_of_its_own_and_an_example() -> None:
    leaves = {type(error) for error, _ in EXAMPLES}
    codes = [leaf.code for leaf in leaves]

    tree = {
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.DmcError)
    }

    assert len(set(codes)) == len(codes)
    assert leaves == {x for x in tree if not tree.intersection(x.__subclasses__())}
