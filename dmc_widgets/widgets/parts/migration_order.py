"""The order of a migration as a list and as a graph, with the same in words."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import pairwise

import ipywidgets as ipw

from ...center.browsing import MigrationOrder, MigrationStep
from ...errors import DmcError
from ...languages import gettext as _
from ...languages import lazy, resolve
from ...model.plan import Selection
from ...states.browsing import InstallationReader
from ...states.dashboard_session import DashboardSession
from ...states.graph_layout import GraphEdge
from ...states.migration_state import MigrationState
from ..controls import GraphNode, GraphView
from .form_inputs import call_on_change, card, html, set_visible

_DOCUMENT_LABELS = {
    "ObjectFolder": lazy("Folders"),
    "ListTypeDefinition": lazy("Picklists"),
    "ObjectDefinition": lazy("Definitions"),
}
_NOTHING = lazy("Select entity types to see what moves, and in which order.")
_WAIT_S = 0.2


class MigrationOrderPanel(ipw.VBox):
    """Shows what the form would move, and in which order.

    Args:
        session: The session.
        state: The choices of the form.

    Attributes:
        steps: The steps, one below the other.
        graph: What depends on what, for the form to place where it has the width.
        words: What is added, left out, or filled at the end.
    """

    def __init__(self, session: DashboardSession, state: MigrationState) -> None:
        self._session, self._state = session, state
        self._reader: InstallationReader | None = None
        self._source = ""
        self.graph = GraphView(_("What moves, in its order"))
        self.steps, self.words = html(""), html("", "dmc-help")
        super().__init__([card(_("Order"), self.steps, self.words)])
        session.pulses.append(self._take)
        names = ["source", "selected", "with_needed", "lazy_references"]
        call_on_change(state, names, self._ask)
        self._ask()

    def _ask(self) -> None:
        state = self._state
        is_chosen = bool(state.source and state.selected)
        set_visible(self.graph, is_chosen)
        if not is_chosen:
            self.steps.value, self.words.value = "", f"<p>{escape(_(_NOTHING))}</p>"
            return
        if self._reader is None or self._source != state.source:
            if self._reader is not None:
                self._reader.close()
            source = self._source = state.source
            connect = self._session.center.installations.connect
            self._reader = InstallationReader(lambda: connect(source))
        selection = Selection(
            entity_types=state.selected, with_needed=state.with_needed
        )
        lazy = state.lazy_references
        self._reader.ask(
            "order",
            lambda opened: opened.migration_order(selection, lazy_references=lazy),
            self._show,
            self._show_problem,
        )
        self._reader.take(_WAIT_S)

    def _take(self) -> None:
        if self._reader is not None:
            self._reader.take()

    def _show_problem(self, exc: DmcError) -> None:
        self.graph.show([], [])
        self.steps.value = ""
        self.words.value = f'<p class="dmc-error">{escape(str(exc))}</p>'

    def _show(self, order: MigrationOrder) -> None:
        steps = [step for step in order.steps if not step.later_fields]
        nodes = {step.entity: step for step in steps}
        numbers = {entity: number for number, entity in enumerate(nodes, 1)}
        documents = [x.entity for x in nodes.values() if not x.is_entries]
        firsts = [x for x in nodes.values() if x.is_entries]
        children = {child for _, child, _ in order.edges}
        edges = [
            *_chain(documents),
            *(
                GraphEdge(documents[-1], x.entity, _("come before their entries"))
                for x in firsts
                if documents and x.entity not in children
            ),
            *(GraphEdge(*edge) for edge in order.edges),
            *(GraphEdge(*link, is_weak=True) for link in order.links),
        ]
        self.graph.show(
            [_build_node(numbers[x.entity], x) for x in nodes.values()], edges
        )
        self.steps.value = _render_steps(nodes.values())
        self.words.value = _describe(order)


def _chain(keys: list[str]) -> list[GraphEdge]:
    return [GraphEdge(one, other, _("comes first")) for one, other in pairwise(keys)]


def _label(step: MigrationStep) -> str:
    return resolve(_DOCUMENT_LABELS.get(step.entity, step.label))


def _build_node(number: int, step: MigrationStep) -> GraphNode:
    return GraphNode(
        key=step.entity,
        label=f"{number}. {_label(step)}",
        detail=_describe_step(step),
        kind="added" if step.is_needed else "",
        is_link=False,
    )


def _describe_step(step: MigrationStep) -> str:
    if step.is_needed:
        return _("added: needed by others")
    return _("entries") if step.is_entries else ""


def _render_steps(steps: Iterable[MigrationStep]) -> str:
    items = "".join(
        f"<li><strong><bdi>{escape(_label(step))}</bdi></strong>"
        f"<small>{escape(_describe_step(step))}</small></li>"
        for step in steps
    )
    return f'<ol class="dmc-order-steps">{items}</ol>'


def _describe(order: MigrationOrder) -> str:
    sentences = []
    if any(step.is_needed for step in order.steps):
        sentences.append(_("What is added moves as far as the target lacks it."))
    if order.links:
        names = ", ".join(dict.fromkeys(label for *_, label in order.links))
        sentences.append(
            _("Filled at the end, when all entries are there: {names}.").format(
                names=names
            )
        )
    if order.circular:
        names = ", ".join(order.circular)
        sentences.append(
            _("No order can fill these, because each needs the other: {names}.").format(
                names=names
            )
        )
    if order.omitted:
        names = ", ".join(order.omitted)
        sentences.append(
            _("Left out, because only one side moves: {names}.").format(names=names)
        )
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
