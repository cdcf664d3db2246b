"""Contract suites: what every format and every installation has to do, as tests.

For the authors of formats and installations, in this package and in others. Derive a
test class from a contract, give it the adapter, and run pytest. It needs the extra
``testing`` (pytest, hypothesis). For asserts that explain themselves, ``conftest.py``
says ``pytest.register_assert_rewrite("dmc_widgets.testing")`` before it imports
anything from here.
"""

from __future__ import annotations

from .format_contract import FormatContract
from .installation_contract import InstallationContract

__all__ = ["FormatContract", "InstallationContract"]
