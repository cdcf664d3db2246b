"""A server that speaks Liferay's API over an embedded installation.

It is a stage on which migrations are rehearsed, and the other end of tests. Paths,
bodies, status codes and texts are those of Liferay 7.4 (2024.Q1) as far as they are
known. Where Liferay answers an invalid request with 500 (an unknown class name, an
unknown strategy), the sandbox answers 400 and says what is wrong.

:mod:`.server` runs it, :mod:`.app` routes requests, :mod:`.auth` authenticates them,
:mod:`.requests` and :mod:`.responses` convert them to values and back; :mod:`.api`,
:mod:`.batch` and :mod:`.openapi` answer them. Handlers are plain functions that run in
threads, so that the server answers other requests while one waits for the database.
"""

from __future__ import annotations

from .settings import EVERYTHING, Settings, generate_secret

__all__ = ["EVERYTHING", "Settings", "generate_secret"]
