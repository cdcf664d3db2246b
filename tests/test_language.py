"""The package is written in plain technical English.

The list names words that a reader would have to decode, and what to write instead.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "dmc_widgets").rglob("*.py"))
BANNED = {
    r"\bfor each in\b": "a loop variable named for what it holds",
    r"\b_?told\b": "message, reported, given",
    r"\bSay whether\b": "Return True if …",
    r'"""Say ': "Return, Describe, List …",
    r"(?<!here )\b(?:is|are) no (?!longer\b|more\b|way\b)\w+": "is not a …",
    r"(?m)^ +\w+: Of (?:the|an?|its|their)\b": "a whole phrase that says what it is",
    r"\b[Ww]hoever\b": "the caller, the user",
    r"\b[Nn]obody\b": "nothing, no other program",
    r"\bwho (?:asks|comes|waits)\b": "the caller",
    r"\btells of\b": "reports, names",
    r"\bfacts, \d": "a section of docs/liferay/",
    r"\bbehind it\b": "after it",
}


@pytest.mark.parametrize("pattern", BANNED)
def test_word_left_behind_does_not_come_back(pattern: str) -> None:
    places = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in SOURCES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]

    assert places == [], f"write instead: {BANNED[pattern]}"
