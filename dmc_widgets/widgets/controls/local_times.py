"""A control that writes the times of a page in the zone of its browser."""

from __future__ import annotations

from .control import Control, read_scripts, read_styles


class LocalTimes(Control):
    """Writes what :func:`~dmc_widgets.widgets.theme.render_time` renders in words.

    The kernel does not know where its readers are. The control belongs into a page
    once, anywhere, and takes no space; without it the times are those of UTC.
    """

    _esm = read_scripts("elements.js", "local_times.js")
    _css = read_styles()
