"""``.venv/bin/python -m tests.fuzz --count 300000 --seed 1``; see :mod:`.long_run`."""

from __future__ import annotations

import sys

from tests.fuzz.long_run import main

sys.exit(main())
