"""The workspace: a folder of connections, templates, tasks and files.

Its state is one SQLite file, ``workspace.db``, which several processes read and write
at once: the page, the command line and the workers of running tasks; or, for several
machines, a schema of a PostgreSQL database. Both take the same statements, see
:mod:`~dmc_widgets.storage.database`. SQLAlchemy and Alembic would only make every
command start later.
"""

from .connections import Connection
from .file_transfer import Upload
from .outcomes import Failure
from .workspace import Workspace, default_path

__all__ = ["Connection", "Failure", "Upload", "Workspace", "default_path"]
