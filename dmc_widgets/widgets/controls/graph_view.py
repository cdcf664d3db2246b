"""A small graph whose nodes are links, drawn as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import traitlets
from traitlets import Dict, Unicode

from ...states.graph_layout import NODE_HEIGHT, NODE_WIDTH, GraphEdge, lay_out
from .control import Control, read_scripts, read_styles


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """A node.

    Attributes:
        key: What *on_link* is called with, and what edges name.
        label: Its text.
        detail: A second line, smaller.
        kind: Its colour: empty, ``current``, ``added`` or ``muted``.
        href: Its address; it can be opened in another window.
        is_link: It can be followed.
    """

    key: str
    label: str
    detail: str = ""
    kind: str = ""
    href: str = ""
    is_link: bool = True


class GraphView(Control):
    """A graph in layers; its nodes are reached by the keyboard in reading order.

    Args:
        label: The name of the drawing, for screen readers.
        traits: Initial values of the attributes.

    Attributes:
        label: The name of the drawing.
        graph: The nodes and edges with their places.
        empty_text: The text where there is no node.
        on_link: Called with the key of a node that is followed.
    """

    _esm = read_scripts("elements.js", "graph_view.js")
    _css = read_styles("graph_view.css")

    label = Unicode().tag(sync=True)
    graph = Dict().tag(sync=True)
    empty_text = Unicode().tag(sync=True)

    on_link = traitlets.Callable(None, allow_none=True)

    def __init__(self, label: str, **traits: Any) -> None:
        super().__init__(label=label, **traits)

    def show(self, nodes: Sequence[GraphNode], edges: Iterable[GraphEdge]) -> None:
        """Show another graph; one that is equal is not sent again."""
        layout = lay_out([node.key for node in nodes], edges)
        placed = [
            {**asdict(node), "x": place.x, "y": place.y}
            for node in nodes
            if (place := layout.places.get(node.key)) is not None
        ]
        labels = {node.key: node.label for node in nodes}
        self.graph = {
            "nodes": sorted(placed, key=lambda node: (node["x"], node["y"])),
            "edges": [
                {
                    "path": drawn.path,
                    "title": f"{labels[drawn.edge.source]} → "
                    f"{labels[drawn.edge.target]}: {drawn.edge.label}",
                    "weak": drawn.edge.is_weak,
                    "ends": [drawn.edge.source, drawn.edge.target],
                }
                for drawn in layout.paths
            ],
            "size": [layout.width, layout.height],
            "node": [NODE_WIDTH, NODE_HEIGHT],
        }

    def handle_message(
        self, content: dict[str, Any], _buffers: list[memoryview]
    ) -> None:
        """Handle a message of the script."""
        if content.get("kind") == "link" and self.on_link is not None:
            self.on_link(str(content.get("key")))
