"""The user who is signed in at a shared dashboard, and the way out."""

from __future__ import annotations

import os

from traitlets import Unicode

from ...storage.transfers import SIGN_OUT_VARIABLE, USER_VARIABLE
from .control import Control, read_scripts, read_styles


class AccountBar(Control):
    """Shows who is signed in, with a button to sign out.

    Attributes:
        user: The name of the user; empty where a password has no name.
        sign_out_url: Where signing out is asked for.
    """

    _esm = read_scripts("elements.js", "account_bar.js")
    _css = read_styles("account_bar.css")

    user = Unicode().tag(sync=True)
    sign_out_url = Unicode().tag(sync=True)


def build_account_bar() -> AccountBar | None:
    """Return the bar of this kernel's user; None where people do not sign in."""
    url = os.environ.get(SIGN_OUT_VARIABLE, "")
    if not url:
        return None
    return AccountBar(user=os.environ.get(USER_VARIABLE, ""), sign_out_url=url)
