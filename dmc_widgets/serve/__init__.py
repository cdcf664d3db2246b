"""Serves the dashboard: the notebook as a page of its own, by Voilà on this machine.

Voilà runs in this process and not in a child of it, so that nothing is left running
whichever way this process ends. Only browsers that were given the printed address have
access: :mod:`.access_policy` decides about requests, :mod:`.server` enforces it.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import NotSupported, WorkspaceUnusable
from ..storage.operating_system import is_windows, kernel_transport
from ..storage.private_files import make_private_folder, open_private
from ..storage.transfers import FOLDER_VARIABLE, URL_VARIABLE
from ..workspace import default_path
from .html_pages import redirect_page

if TYPE_CHECKING:  # the command line answers --help without a server
    from .options import ServeOptions

DEFAULT_PORT = 8866
_ADDRESS = "127.0.0.1"
_NOTEBOOK = "data_migration_center.ipynb"
_PACKAGE = Path(__file__).parent.parent
_DASHBOARD = _PACKAGE / "dashboard"

# Voilà would load every extension that is installed. If its own widgets manager is
# not in the list, the page waits for ever without an error.
EXTENSIONS = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
]
# A closed tab ends its kernel, but a browser that crashes does not. A slow browser
# needs a minute from the first byte until it is connected.
_CULLING = {"cull_idle_timeout": 120, "cull_interval": 15, "cull_connected": False}
# Every page has a kernel, which takes 150 MB and more.
MAX_KERNELS = 10
# One more has loaded its libraries, so that the next page need not wait for them.
KEEPS_SPARE = True


def serve(
    workspace: Path | None,
    *,
    port: int | None,
    open_browser: bool,
    options: ServeOptions | None = None,
) -> int:
    """Serve the dashboard until Ctrl-C or a signal to terminate.

    Prints one line with the address as soon as it answers. It contains the token,
    unless users sign in with a password.

    Args:
        workspace: The workspace of the dashboard; None for the default one.
        port: The preferred port; None for 8866. If it is in use, another port is used
            and named.
        open_browser: Open the page in the user's browser.
        options: Where and to whom it is served; None for this user of this machine.

    Returns:
        The exit status, which is 0.

    Raises:
        NotSupported: Voilà is not installed.
        InvalidPlan: The options exclude each other.
        WorkspaceUnusable: The notebook is missing from this installation.
    """
    server = _load_server()
    if workspace is not None:
        os.environ["DMC_WORKSPACE"] = str(workspace.absolute())
    chosen = options or load_options().ServeOptions()
    chosen.require_safe(default_path().expanduser().absolute())
    _prepare_environment(chosen.base_url)
    os.environ.update(chosen.sources.to_environment())
    preferred_port = port or DEFAULT_PORT
    config = _config(server, locate_notebook(), preferred_port, chosen)
    server.DashboardServer.options = chosen
    app = server.DashboardServer.instance(config=config)
    app.initialize([])
    loop = importlib.import_module("tornado.ioloop").IOLoop.current()
    loop.add_callback(_announce, app, preferred_port, open_browser)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.add_callback_from_signal(app.end))
    if is_windows():  # there a loop that waits does not see Ctrl-C
        importlib.import_module("tornado.ioloop").PeriodicCallback(int, 500).start()
    try:
        app.start()
    finally:
        _redirect_file().unlink(missing_ok=True)
    return 0


def locate_notebook() -> Path:
    """Return the dashboard's notebook: of an installed package, or else of a checkout.

    Raises:
        WorkspaceUnusable: The notebook is in neither place.
    """
    checkout = _PACKAGE.parent / "notebooks"
    for folder in (_DASHBOARD, checkout):
        if (folder / _NOTEBOOK).is_file():
            return folder / _NOTEBOOK
    reason = f"{_NOTEBOOK} is missing. Install dmc-widgets again."
    raise WorkspaceUnusable(str(_DASHBOARD), reason)


def load_options() -> Any:
    """Return the module of the options, which the command line loads late."""
    return importlib.import_module("dmc_widgets.serve.options")


def _load_server() -> Any:
    try:
        return importlib.import_module("dmc_widgets.serve.server")
    except ImportError as exc:
        raise NotSupported(
            what="The dashboard needs Voilà, which is not installed.",
            instead='Install it: pip install "dmc-widgets[dashboard]".',
        ) from exc


def _prepare_environment(base_url: str) -> None:
    """Make template and transfers known to kernels, and silence kernels and server."""
    os.environ[URL_VARIABLE] = f"{base_url}transfers/"
    os.environ[FOLDER_VARIABLE] = str(default_path().expanduser().absolute())
    paths = [str(_DASHBOARD), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    logging.getLogger("tornado").setLevel(logging.ERROR)


def _config(server: Any, notebook: Path, port: int, options: ServeOptions) -> Any:
    settings = {
        "Voila": {
            "ip": options.address,
            "base_url": options.base_url,
            "port": port,
            "open_browser": False,  # _announce does, after it printed the address
            "log_level": logging.ERROR,
            # A voila.json in the working directory is for other servers.
            "config_file_paths": [],
            "identity_provider_class": server.Identity,
        },
        "VoilaConfiguration": {
            "template": "dmc",
            "allow_template_override": "NO",
            "extension_allowlist": EXTENSIONS,
            "file_allowlist": [],
            "show_tracebacks": False,
            "strip_sources": True,
            "page_config_hook": server.add_page_texts,
            "multi_kernel_manager_class": server.BoundedKernelManager,
        },
        "BoundedKernelManager": {
            "max_kernels": MAX_KERNELS,
            "keeps_spare": KEEPS_SPARE,
            **_CULLING,
        },
        "KernelManager": {"transport": kernel_transport()},
    }
    config = importlib.import_module("traitlets.config").Config(settings)
    config.Voila.notebook_path = str(notebook)
    return config


def _announce(app: Any, preferred_port: int, open_browser: bool) -> None:
    """Print the address once the server runs, and open the page."""
    app.kernel_manager.keep_spare()
    if app.port == preferred_port:  # a page that is open at another one is another's
        app.keep_access()
    token = "" if app.access.has_passwords else f"?token={app.access.token}"
    address = f"http://{_ADDRESS}:{app.port}{app.base_url}{token}"
    if app.port != preferred_port:
        sys.stderr.write(f"Port {preferred_port} is in use.\n")
    sys.stdout.write(f"The dashboard is at {address}\n")
    sys.stdout.flush()
    if open_browser:
        # Some browsers do not return until they are closed.
        threading.Thread(target=_open_in_browser, args=[address], daemon=True).start()


def _open_in_browser(address: str) -> None:
    """Open the page in the user's browser, through a file that redirects to it.

    Other users of the machine can read the arguments of a browser, but not the file.
    It is in the workspace and not among temporary files, since a confined browser (a
    snap) cannot read those.
    """
    path = _redirect_file()
    try:
        make_private_folder(path.parent)
        with open_private(path) as file:
            file.write(redirect_page(address).encode())
    except OSError as exc:
        sys.stderr.write(f"{path}: {exc.strerror}. Open the address yourself.\n")
        return
    webbrowser.open(path.as_uri())


def _redirect_file() -> Path:
    folder = default_path().expanduser().absolute()
    return folder / f"open-dashboard-{os.getpid()}.html"
