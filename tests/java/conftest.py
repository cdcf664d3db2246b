"""Fixtures of tests that run Java programs against Liferay's own classes."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from tests.java import programs
from tests.java.tables import PORTAL

HERE = Path(__file__).parent

__all__ = ["PORTAL", "RunJava"]


class RunJava(Protocol):
    """Run a Java file of this folder against jars named by their coordinates."""

    def __call__(
        self, name: str, *arguments: str, jars: tuple[str, ...] = (), input: str = ""
    ) -> str:
        """Return what the program printed; skip the test where it cannot run."""


@pytest.fixture(scope="session")
def run_java() -> RunJava:
    """Run a Java file of this folder, or skip the test with what is missing."""

    def run(
        name: str, *arguments: str, jars: tuple[str, ...] = (), input: str = ""
    ) -> str:
        try:
            classpath = [programs.find_jar(coordinates) for coordinates in jars]
            return programs.run_java(
                HERE / name, *arguments, classpath=classpath, input=input
            )
        except programs.JavaUnavailable as missing:
            pytest.skip(str(missing))

    return run
