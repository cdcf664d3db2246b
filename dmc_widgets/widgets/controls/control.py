"""The scripts and style sheets beside this file, as the page gets them.

A widget's script is sent as one module and cannot import a neighbour, so what
controls share is put before it. There is no build step.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def read_script(*names: str) -> str:
    """Return the files as one JavaScript module, in this order."""
    return "\n".join(_read(name) for name in names)


def read_style(name: str) -> str:
    """Return the style sheet of that name."""
    return _read(name)


def _read(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
