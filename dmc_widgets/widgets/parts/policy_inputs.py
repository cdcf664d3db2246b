"""The inputs for the strategies, which two forms have."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from typing import Any, Final

import ipywidgets as ipw
from traitlets import HasTraits, dlink

from ...languages import gettext as _
from ...languages import lazy
from ...model.run_options import MAX_AT_ONCE, MAX_WORKERS
from ...model.strategies import ImportStrategy, UpdateStrategy
from ...states.policy_state import PolicyState
from .form_inputs import (
    checkbox,
    choice_field,
    combo_field,
    html,
    number_field,
    text_field,
)

LAZY_REFERENCES_HELP: Final = lazy(
    "Entries may name entries that do not exist yet: an empty one is added for each, "
    "and filled when its record comes."
)
DELETIONS_HELP: Final = lazy(
    "Overwriting a definition or picklist deletes the fields, relationships and keys "
    "that only the target has, with the values of its entries. Without this choice "
    "they are named with their numbers, and nothing is written."
)

BACKUP_HELP: Final = lazy(
    "What the run may overwrite is first copied into the workspace, from where it can "
    "be restored. The run does not begin before the copy is complete."
)
VERIFY_HELP: Final = lazy(
    "Once everything is written, the target is read and compared with what was sent."
)

ERROR_LIMIT_HELP: Final = lazy(
    "A run that continues on errors stops after so many failed records, or after more "
    "than a share of all, from the hundredth record on. Empty for any number."
)

AT_ONCE_HELP: Final = lazy(
    "How many batches a server gets at the same time, where the run continues on "
    "errors. A record waits for its parents; others may be written in another order."
)
WORKERS_HELP: Final = lazy(
    "How many processes import the file at once, where the run continues on errors. "
    "Several write in no certain order, so a code should not be in the file twice."
)
CLUSTER_HELP: Final = lazy(
    "The address of a Dask scheduler whose workers import the file, or local for a "
    "cluster of this machine that ends with the run. All its workers take part if one "
    "is chosen."
)

IMPORT_STRATEGY_HELP: Final = {
    ImportStrategy.INSERT: lazy(
        "Every record is added. One that the target holds already fails."
    ),
    ImportStrategy.UPDATE: lazy(
        "Records that the target holds are updated. Any other one fails."
    ),
    ImportStrategy.UPSERT: lazy(
        "Records that the target holds are updated, and all others are added."
    ),
}
UPDATE_STRATEGY_HELP: Final = {
    UpdateStrategy.PARTIAL_UPDATE: lazy(
        "Only the fields that the file fills are changed. All others keep their values."
    ),
    UpdateStrategy.UPDATE: lazy(
        "A stored record is replaced as a whole: a field that the "
        "file does not fill loses its value."
    ),
    UpdateStrategy.MERGE: lazy(
        "Of each difference you choose whether it is taken. What "
        "only the target has stays."
    ),
}
_STOP_HELP: Final = {
    True: lazy(
        "The run ends with the first record that fails. What was written stays."
    ),
    False: lazy("Records that fail are kept for repair, and the others are written."),
}


def build_strategy_help(state: HasTraits) -> dict[str, ipw.HTML]:
    """Return what the selected strategies do, by the names of their traits."""
    texts: dict[str, dict[Any, str]] = {
        "stop_on_error": _STOP_HELP,
        "import_strategy": IMPORT_STRATEGY_HELP,
        "update_strategy": UPDATE_STRATEGY_HELP,
    }
    helps = {name: html("", "dmc-help") for name in texts}
    for name, widget in helps.items():
        dlink((state, name), (widget, "value"), partial(_describe, texts[name]))
    return helps


def _describe(texts: Mapping[Any, str], choice: Any) -> str:
    return _(texts[choice])


def has_dask() -> bool:
    """Return True where the package that talks to Dask clusters is installed."""
    return find_spec("distributed") is not None


def build_worker_inputs() -> dict[str, ipw.Widget]:
    """Return the inputs of the workers by the names of the traits to link them to."""
    cluster = combo_field(
        _("Dask Cluster"), ["local"], placeholder="tcp://10.0.0.5:8786"
    )
    if not has_dask():
        cluster.layout.display = "none"
    workers = number_field(_("Workers"), least=1, most=MAX_WORKERS)
    return {"workers": workers, "cluster": cluster}


def build_policy_inputs(state: PolicyState, stop_label: str) -> dict[str, ipw.Widget]:
    """Return the inputs by the names of the traits to link them to.

    The update strategy is disabled if the import strategy updates no record.

    Args:
        state: The state that has the traits.
        stop_label: The label of the check box for the error strategy.
    """
    inputs = {
        "stop_on_error": checkbox(stop_label),
        "import_strategy": choice_field(
            _("Import Strategy"),
            [(_(choice.label), choice) for choice in ImportStrategy],
        ),
        "update_strategy": choice_field(
            _("Update Strategy"),
            [(_(choice.label), choice) for choice in UpdateStrategy],
        ),
        "lazy_references": checkbox(_("Lazy References")),
        "allow_deletions": checkbox(_("Allow Deletions")),
        "back_up": checkbox(_("Back Up First")),
        "verify": checkbox(_("Verify at the End")),
        "error_limit": text_field(_("Error Limit"), placeholder=_("50, 2% or 50,2%")),
        "undo_at_limit": checkbox(_("Undo What Was Written at the Limit")),
        "at_once": number_field(_("Batches at Once"), least=1, most=MAX_AT_ONCE),
        **build_worker_inputs(),
    }
    for name in ("error_limit", "undo_at_limit", "at_once", "workers", "cluster"):
        # a run that stops needs no limit, and has one batch after the other
        dlink((state, "stop_on_error"), (inputs[name], "disabled"))
    dlink(
        (state, "import_strategy"),
        (inputs["update_strategy"], "disabled"),
        lambda strategy: strategy is ImportStrategy.INSERT,
    )
    return inputs
