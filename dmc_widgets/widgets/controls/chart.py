"""A small chart as a drawing, with a sentence and a table that say the same."""

from __future__ import annotations

from typing import Any

from traitlets import Dict, List, Unicode

from ...languages import lazy
from .control import Control, read_scripts, read_styles

Series = dict[str, Any]


class Chart(Control):
    """A chart over time, or bars, drawn in the page without a library.

    Colours are those of a status. The chart has its summary as a text alternative,
    shows the values under the pointer or the arrow keys, and can be read as a table.

    >>> chart = Chart("area", title="Records over Time", x=[0, 1], unit="s")
    >>> chart.series = [chart_series("created", "success", [0, 500])]

    Args:
        kind: ``area`` (values on top of each other), ``line`` or ``bars``.
        traits: Initial values of the attributes.

    Attributes:
        title: What the chart shows.
        summary: The same in a sentence, for those who cannot see it.
        x: The seconds of the values (*area*, *line*), or the label of each bar.
        series: What is drawn: label, colour and values; see :func:`chart_series`.
        empty_text: The text where there is nothing to draw.
    """

    _esm = read_scripts("elements.js", "chart.js")
    _css = read_styles("chart.css")

    kind = Unicode("area").tag(sync=True)
    title = Unicode().tag(sync=True)
    summary = Unicode().tag(sync=True)
    data: Any = Dict({"x": [], "series": []}).tag(sync=True)
    empty_text = Unicode(lazy("There is nothing to show yet.")).tag(sync=True)
    x: Any = List()
    series: Any = List(Dict())

    def __init__(self, kind: str, **traits: Any) -> None:
        super().__init__(kind=kind, **traits)

    def show(self, x: list[Any], series: list[Series], summary: str) -> None:
        """Show other values; nothing is sent if they are the same."""
        with self.hold_sync():
            self.x, self.series, self.summary = x, series, summary
            self.data = {"x": x, "series": series}


def chart_series(label: str, color: str, values: list[float]) -> Series:
    """Return what a chart draws in one colour.

    Args:
        label: The name of the values.
        color: success, info, warning, danger, secondary or skipped.
        values: One for each value of *x*.
    """
    return {"label": label, "color": color, "values": values}
