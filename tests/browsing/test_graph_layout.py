"""The layout of graphs: layers, circles, long edges and nodes alone."""

from __future__ import annotations

import itertools

from dmc_widgets.states.graph_layout import (
    NODE_HEIGHT,
    NODE_WIDTH,
    GraphEdge,
    GraphLayout,
    lay_out,
)


def _columns(layout: GraphLayout) -> dict[str, int]:
    xs = sorted({place.x for place in layout.places.values()})
    return {key: xs.index(place.x) for key, place in layout.places.items()}


def test_children_stand_to_the_right_of_all_their_parents() -> None:
    """A reader follows relationships from left to right."""
    edges = [GraphEdge("a", "b"), GraphEdge("b", "c"), GraphEdge("a", "c")]
    assert _columns(lay_out(["c", "b", "a"], edges)) == {"a": 0, "b": 1, "c": 2}


def test_a_circle_is_drawn_with_an_edge_that_leads_back() -> None:
    """No order fits a circle; one edge is shown against it, and nothing is lost."""
    edges = [GraphEdge("a", "b"), GraphEdge("b", "a"), GraphEdge("a", "a")]
    layout = lay_out(["a", "b"], edges)

    assert _columns(layout) == {"a": 0, "b": 1}
    assert [path.is_back for path in layout.paths] == [False, True, True]


def test_edges_to_unknown_nodes_are_left_out() -> None:
    """Liferay's own objects are not among the nodes."""
    assert lay_out(["a"], [GraphEdge("a", "L_USER")]).paths == ()


def test_sixty_nodes_do_not_cover_each_other() -> None:
    """However many there are, each is readable, within the drawing."""
    names = [f"n{number}" for number in range(60)]
    edges = [GraphEdge(names[number // 3], names[number]) for number in range(1, 50)]
    layout = lay_out(names, edges)

    for one, other in itertools.combinations(layout.places.values(), 2):
        apart_x = abs(one.x - other.x) >= NODE_WIDTH
        assert apart_x or abs(one.y - other.y) >= NODE_HEIGHT
    assert all(x.x + NODE_WIDTH <= layout.width for x in layout.places.values())
    assert all(x.y + NODE_HEIGHT <= layout.height for x in layout.places.values())


def test_the_same_graph_is_laid_out_in_the_same_way() -> None:
    """A page that is opened again looks the same."""
    edges = [GraphEdge("a", "b"), GraphEdge("a", "c", is_weak=True)]
    assert lay_out(["a", "b", "c"], edges) == lay_out(["a", "b", "c"], edges)


def test_nothing_is_an_empty_drawing() -> None:
    """An installation without objects is drawn, too."""
    assert lay_out([], []).places == {}
