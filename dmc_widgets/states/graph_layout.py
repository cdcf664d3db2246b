"""Places the nodes of a small directed graph in layers, from left to right.

A node stands to the right of all that lead to it; edges that close a circle are left
out of that order. The same graph is always laid out in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

NODE_WIDTH: Final = 164
NODE_HEIGHT: Final = 46
_GAP_X: Final = 68
_GAP_Y: Final = 18
_MARGIN: Final = 12
_LOOP: Final = 26
_SWEEPS: Final = 4
_LOOSE_COLUMNS: Final = 4
_BEND_HEIGHT: Final = 10


class GraphEdge(NamedTuple):
    """An edge of a graph.

    Attributes:
        source: The key of the node where it begins.
        target: The key of the node where it ends.
        label: What it is called.
        is_weak: It does not decide where nodes stand, and is drawn dashed.
    """

    source: str
    target: str
    label: str = ""
    is_weak: bool = False


class NodePlace(NamedTuple):
    """The upper left corner of a node."""

    x: int
    y: int


class EdgePath(NamedTuple):
    """An edge as it is drawn.

    Attributes:
        edge: The edge.
        path: Its line as the path of an SVG.
        is_back: It leads back, against the order of the layers.
    """

    edge: GraphEdge
    path: str
    is_back: bool


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """A graph with a place for everything.

    Attributes:
        places: The places of the nodes.
        paths: The lines of the edges.
        width: The width of the drawing.
        height: Its height.
    """

    places: Mapping[str, NodePlace]
    paths: tuple[EdgePath, ...]
    width: int
    height: int


def lay_out(nodes: Sequence[str], edges: Iterable[GraphEdge]) -> GraphLayout:
    """Place nodes and edges; edges to unknown nodes are left out.

    >>> lay_out(["a", "b"], [GraphEdge("a", "b")]).places["b"]
    NodePlace(x=244, y=12)
    """
    known = set(nodes)
    drawn = [edge for edge in edges if edge.source in known and edge.target in known]
    joined = {key for edge in drawn for key in (edge.source, edge.target)}
    ranks = _rank([key for key in nodes if key in joined], drawn)
    bends = [_list_bends(ranks, edge, number) for number, edge in enumerate(drawn)]
    layers = _order_layers(*_add_bends(ranks, drawn, bends))
    places = _place_layers(layers)
    points = {key: places.pop(key) for some in bends for key in some}
    bottom = max((place.y + NODE_HEIGHT for place in places.values()), default=0)
    loose = [key for key in nodes if key not in joined]
    columns = max(_LOOSE_COLUMNS, len(layers))
    places |= _place_loose(loose, bottom, columns)
    paths = tuple(
        EdgePath(
            edge,
            _draw_edge(places, edge, [points[key] for key in some]),
            _leads_back(places, edge),
        )
        for edge, some in zip(drawn, bends, strict=True)
    )
    return GraphLayout(
        places,
        paths,
        max((place.x + NODE_WIDTH for place in places.values()), default=0)
        + _MARGIN
        + _LOOP,
        max((place.y + NODE_HEIGHT for place in places.values()), default=0) + _MARGIN,
    )


def _rank(nodes: Sequence[str], edges: Sequence[GraphEdge]) -> dict[str, int]:
    """Return the layer of each node: one more than that of all that lead to it."""
    strong = [x for x in edges if not x.is_weak and x.source != x.target]
    following: dict[str, list[str]] = {key: [] for key in nodes}
    for edge in strong:
        following[edge.source].append(edge.target)
    order = _sort_topologically(nodes, following)
    position = {key: number for number, key in enumerate(order)}
    ranks = dict.fromkeys(nodes, 0)
    for key in order:
        for target in following[key]:
            if position[target] > position[key]:
                ranks[target] = max(ranks[target], ranks[key] + 1)
    for edge in edges:  # a node that only weak edges reach stands beside its neighbour
        alone = not any(edge.target in {x.source, x.target} for x in strong)
        if edge.is_weak and alone and edge.source != edge.target:
            ranks[edge.target] = ranks[edge.source] + 1
    return ranks


def _list_bends(ranks: Mapping[str, int], edge: GraphEdge, number: int) -> list[str]:
    """Return a key for each layer that an edge passes, where it needs room."""
    first, last = ranks[edge.source], ranks[edge.target]
    return [f"\0{number}\0{layer}" for layer in range(first + 1, last)]


def _add_bends(
    ranks: Mapping[str, int], edges: Sequence[GraphEdge], bends: Sequence[list[str]]
) -> tuple[dict[str, int], list[GraphEdge]]:
    """Return layers and edges in which long edges are cut into short ones."""
    all_ranks, pieces = dict(ranks), list[GraphEdge]()
    for edge, some in zip(edges, bends, strict=True):
        for layer, key in enumerate(some, ranks[edge.source] + 1):
            all_ranks[key] = layer
        ends = [edge.source, *some, edge.target]
        pieces += [GraphEdge(one, other) for one, other in pairwise(ends)]
    return all_ranks, pieces


def _sort_topologically(
    nodes: Sequence[str], following: Mapping[str, Sequence[str]]
) -> list[str]:
    """Return the nodes in the reverse order in which a depth-first search leaves them.

    Roots are searched first, so that a circle is entered where others lead into it.
    """
    targets = {target for some in following.values() for target in some}
    roots = [key for key in nodes if key not in targets]
    left: list[str] = []
    visited: set[str] = set()
    for start in [*roots, *nodes]:
        stack = [(start, iter(following[start]))] if start not in visited else []
        visited.add(start)
        while stack:
            key, rest = stack[-1]
            target = next((x for x in rest if x not in visited), None)
            if target is None:
                left.append(key)
                stack.pop()
            else:
                visited.add(target)
                stack.append((target, iter(following[target])))
    return left[::-1]


def _order_layers(
    ranks: Mapping[str, int], edges: Sequence[GraphEdge]
) -> list[list[str]]:
    """Return the layers, each in an order in which few edges cross."""
    layers: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for key, rank in ranks.items():
        layers[rank].append(key)
    neighbours: dict[str, list[str]] = {key: [] for key in ranks}
    for edge in edges:
        if edge.source != edge.target:
            neighbours[edge.source].append(edge.target)
            neighbours[edge.target].append(edge.source)
    for _ in range(_SWEEPS):
        for layer in layers:
            height = {
                key: index - len(some) / 2
                for some in layers
                for index, key in enumerate(some)
            }
            layer.sort(
                key=lambda key: (
                    sum(height[x] for x in neighbours[key]) / len(neighbours[key])
                    if neighbours[key]
                    else height[key]
                )
            )
    return layers


def _height(key: str) -> int:
    return _BEND_HEIGHT if key.startswith("\0") else NODE_HEIGHT


def _place_layers(layers: Sequence[Sequence[str]]) -> dict[str, NodePlace]:
    """Place each layer in a column, in the middle of the height."""
    heights = [sum(_height(key) + _GAP_Y for key in layer) for layer in layers]
    places: dict[str, NodePlace] = {}
    for column, layer in enumerate(layers):
        x = _MARGIN + column * (NODE_WIDTH + _GAP_X)
        y = _MARGIN + (max(heights) - heights[column]) // 2
        for key in layer:
            places[key] = NodePlace(x, y)
            y += _height(key) + _GAP_Y
    return places


def _place_loose(
    nodes: Sequence[str], bottom: int, columns: int
) -> dict[str, NodePlace]:
    """Place nodes without edges in rows below the others."""
    top = bottom + 2 * _GAP_Y if bottom else _MARGIN
    return {
        key: NodePlace(
            _MARGIN + index % columns * (NODE_WIDTH + _GAP_Y),
            top + index // columns * (NODE_HEIGHT + _GAP_Y),
        )
        for index, key in enumerate(nodes)
    }


def _leads_back(places: Mapping[str, NodePlace], edge: GraphEdge) -> bool:
    return places[edge.target].x <= places[edge.source].x


def _draw_edge(
    places: Mapping[str, NodePlace], edge: GraphEdge, bends: Sequence[NodePlace]
) -> str:
    source, target = places[edge.source], places[edge.target]
    x1, y1 = source.x + NODE_WIDTH, source.y + NODE_HEIGHT // 2
    x2, y2 = target.x, target.y + NODE_HEIGHT // 2
    if edge.source == edge.target:
        top, bottom = y1 - 10, y1 + 10
        turn = x1 + _LOOP
        return f"M{x1} {top}C{turn} {top - 8} {turn} {bottom + 8} {x1} {bottom}"
    if x2 <= source.x:  # back, or within a column: around the right sides
        x2 = target.x + NODE_WIDTH
        turn = max(x1, x2) + _LOOP
        return f"M{x1} {y1}C{turn} {y1} {turn} {y2} {x2} {y2}"
    path = f"M{x1} {y1}"
    for x, top in bends:
        y = top + _BEND_HEIGHT // 2
        middle = (x1 + x) // 2
        path += f"C{middle} {y1} {middle} {y} {x} {y}H{x + NODE_WIDTH}"
        x1, y1 = x + NODE_WIDTH, y
    middle = (x1 + x2) // 2
    return f"{path}C{middle} {y1} {middle} {y2} {x2} {y2}"
