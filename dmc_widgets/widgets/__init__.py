"""The dashboard and its forms; the only package that imports ipywidgets."""

from .dashboard import dashboard

__all__ = ["dashboard"]
