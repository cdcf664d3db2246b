"""A server that speaks Liferay's API over an embedded installation.

It is a rehearsal stage for migrations and the other end of tests. Paths, bodies,
status codes and texts are those of Liferay 7.4 (2024.Q1) as far as they are known.
Where Liferay answers 500 to a wrong request (an unknown class name, a strategy that
does not exist), the sandbox answers 400 and says what is wrong.

The rooms: :mod:`.server` starts it, :mod:`.app` puts it together, :mod:`.gate` lets
nobody in without a password or a token, :mod:`.calls` turns requests into values,
:mod:`.answers` turns values into responses; each of the others is one API or a part
of one. Handlers are plain functions that run in threads: the server goes on answering
while one of them waits for the database.
"""

from __future__ import annotations

from .settings import EVERYTHING, Settings, generate_secret

__all__ = ["EVERYTHING", "Settings", "generate_secret"]
