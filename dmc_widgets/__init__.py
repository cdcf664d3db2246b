"""Move object definitions and entries between Liferay installations."""

__version__ = "0.1.0"
