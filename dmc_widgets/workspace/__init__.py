"""The folder that holds connections, templates, tasks and files.

Its state is one SQLite file, ``workspace.db``, read and written by several
processes at once: the page, the command line and the workers of running tasks.
It is always SQLite and never another database, so it speaks :mod:`sqlite3`
directly and numbers its few schema steps with ``user_version``; SQLAlchemy and
Alembic, which serve the installations, would only make every command start
later.
"""

from .file_transfer import Upload
from .outcomes import Connection, Failure
from .workspace import Workspace, default_path

__all__ = ["Connection", "Failure", "Upload", "Workspace", "default_path"]
