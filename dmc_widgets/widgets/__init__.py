"""Forms and the dashboard. The only package that imports ipywidgets."""

from .dashboard import dashboard

__all__ = ["dashboard"]
