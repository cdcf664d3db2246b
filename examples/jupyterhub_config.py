"""JupyterHub for a team: a server for each person, and one dashboard as a service.

Run as ``jupyterhub -f examples/jupyterhub_config.py``. Choose an authenticator and a
spawner of your own; those of the Hub need accounts on its machine.
"""

import os

c = get_config()  # noqa: F821  # of JupyterHub

PUBLIC_HOST = os.environ.get("HUB_HOST", "hub.example.com")
PORT = os.environ.get("DMC_PORT", "8866")

c.JupyterHub.services = [
    {
        "name": "dmc",
        "url": f"http://127.0.0.1:{PORT}",
        "command": [
            *("dmc", "serve", "--no-browser", "--port", PORT),
            *("--base-url", "/services/dmc/", "--idle-limit", "60"),
            *("--allowed-host", PUBLIC_HOST, "--trusted-proxy", "127.0.0.1"),
        ],
        "environment": {"DMC_WORKSPACE": os.environ.get("DMC_WORKSPACE", "/srv/dmc")},
    }
]
