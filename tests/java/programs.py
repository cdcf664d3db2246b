"""Java programs run against Liferay's own classes, fetched from Maven Central.

The jars are kept in a cache folder. A test never downloads one by itself: `make
test-java`, or `DMC_FETCH_JARS=1`, fetches what is missing with the Maven client that
the machine has, by whatever settings it has. Everywhere else the tests that need a jar
are skipped, with the reason.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

FETCH = "DMC_FETCH_JARS"

CACHE = "DMC_JAR_CACHE"

SECONDS = 300


class JavaUnavailable(Exception):
    """What is missing to run a Java program here, as the reason for a skipped test."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A jar of Maven Central, named as Maven names it: `group:artifact:version`."""

    group: str
    name: str
    version: str

    @classmethod
    def parse(cls, coordinates: str) -> Artifact:
        """Read `group:artifact:version`."""
        group, name, version = coordinates.split(":")
        return cls(group, name, version)

    def __str__(self) -> str:
        return f"{self.group}:{self.name}:{self.version}"

    @property
    def file_name(self) -> str:
        """The name of the jar in a folder of jars."""
        return f"{self.name}-{self.version}.jar"


def cache_folder() -> Path:
    """The folder of fetched jars and compiled programs, which outlives a run."""
    chosen = os.environ.get(CACHE)
    return Path(chosen or platformdirs.user_cache_dir("dmc-widgets-java-tests"))


def find_jar(coordinates: str) -> Path:
    """The jar of an artifact, from the cache or, where that is allowed, from Maven.

    Raises:
        JavaUnavailable: The jar is not in the cache and cannot be fetched.
    """
    artifact = Artifact.parse(coordinates)
    folder = cache_folder() / "jars"
    jar = folder / artifact.file_name
    if jar.exists():
        return jar
    if not os.environ.get(FETCH):
        reason = f"{artifact} has not been fetched; {FETCH}=1 fetches it with Maven"
        raise JavaUnavailable(reason)
    _fetch(artifact, folder)
    return jar


def _fetch(artifact: Artifact, folder: Path) -> None:
    """Let Maven copy the jar into a folder of its own first, so that none is half."""
    arriving = folder / f".{artifact.name}-{artifact.version}-{os.getpid()}"
    command = [
        _program("mvn"),
        "--quiet",
        "--batch-mode",
        "dependency:copy",
        f"-Dartifact={artifact}",
        f"-DoutputDirectory={arriving}",
    ]
    try:
        _run(command, cwd=folder.parent)
        (arriving / artifact.file_name).replace(folder / artifact.file_name)
    except (OSError, subprocess.SubprocessError) as error:
        msg = f"Maven could not fetch {artifact}: {error}"
        raise JavaUnavailable(msg) from error
    finally:
        shutil.rmtree(arriving, ignore_errors=True)


def run_java(
    source: Path,
    *arguments: str,
    classpath: Sequence[Path] = (),
    input: str = "",
) -> str:
    """Compile a Java file of one class where that is needed, run it, return its output.

    Args:
        source: The file, which holds a class of the same name in no package.
        *arguments: What its `main` is given.
        classpath: The jars that it is compiled and run against.
        input: What it reads from standard input.

    Raises:
        JavaUnavailable: No Java compiler here.
        subprocess.CalledProcessError: It does not compile, or it failed.
    """
    jars = [str(jar) for jar in classpath]
    classes = _compiled(source, jars)
    command = [
        _program("java"),
        "-Dfile.encoding=UTF-8",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "--class-path",
        os.pathsep.join([str(classes), *jars]),
        source.stem,
        *arguments,
    ]
    return _run(command, input=input)


def _compiled(source: Path, jars: Sequence[str]) -> Path:
    """The folder of the program's classes, compiled once for a text and its jars."""
    text = source.read_bytes()
    key = hashlib.sha256(b"\0".join([text, *(jar.encode() for jar in jars)]))
    classes = cache_folder() / "classes" / f"{source.stem}-{key.hexdigest()[:16]}"
    if not classes.exists():
        arriving = classes.with_name(f".{classes.name}-{os.getpid()}")
        command = [_program("javac"), "-encoding", "UTF-8", "-proc:none"]
        command += ["-Xlint:none", "-d", str(arriving)]
        if jars:
            command += ["--class-path", os.pathsep.join(jars)]
        _run([*command, str(source)])
        try:
            arriving.replace(classes)
        except OSError:  # another run was faster
            shutil.rmtree(arriving, ignore_errors=True)
    return classes


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        msg = f"the program {name} is not installed"
        raise JavaUnavailable(msg)
    return found


def _run(command: Sequence[str], *, cwd: Path | None = None, input: str = "") -> str:
    if cwd is not None:
        cwd.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(
        command,
        cwd=cwd,
        input=input,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        error = subprocess.CalledProcessError(ended.returncode, command, ended.stdout)
        error.stderr = ended.stderr
        error.add_note("\n".join(said[:30]))
        raise error
    return ended.stdout
