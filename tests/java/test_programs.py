"""Java programs run here against Liferay's classes, or say why they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.java import programs
from tests.java.conftest import PORTAL, RunJava


def test_a_program_runs_against_the_classes_of_a_liferay_release(
    run_java: RunJava,
) -> None:
    printed = run_java("Plurals.java", jars=(PORTAL,), input="Branch\nBox\nCity\n")

    assert printed.splitlines() == ["Branches", "Boxes", "Cities"]


def test_a_jar_that_was_never_fetched_is_named_with_how_to_fetch_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMC_JAR_CACHE", str(tmp_path))
    monkeypatch.delenv("DMC_FETCH_JARS", raising=False)

    with pytest.raises(programs.JavaUnavailable) as unavailable:
        programs.find_jar("org.example:orchard:1.0")

    assert str(unavailable.value) == (
        "org.example:orchard:1.0 has not been fetched; "
        "DMC_FETCH_JARS=1 fetches it with Maven"
    )


def test_a_machine_without_java_names_the_missing_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMC_JAR_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    source = tmp_path / "Orchard.java"
    source.write_text("public class Orchard {}")

    with pytest.raises(programs.JavaUnavailable, match="javac is not installed"):
        programs.run_java(source)
