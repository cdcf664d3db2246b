"""Make the table of the properties that each version of Liferay knows.

`python -m tests.java.version_table` asks the classes of eleven published builds, which
Maven fetches, and writes the package's data file anew. Only names, types and values of
properties are taken, never code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from tests.java.programs import FETCH, find_jar, run_java

PROGRAM: Final = Path(__file__).with_name("Properties.java")

TABLE: Final = (
    Path(__file__).parents[2] / "dmc_widgets/objects/versions/properties.json"
)

PORTAL: Final = "com.liferay.portal:release.portal.api"

DXP: Final = "com.liferay.portal:release.dxp.api"

BUILDS: Final[Mapping[str, str]] = {
    "7.4.0": f"{PORTAL}:7.4.0-ga1",
    "7.4.1": f"{PORTAL}:7.4.1-ga2",
    "7.4.1-1": f"{PORTAL}:7.4.1-ga2-1",
    "7.4.3.4": f"{PORTAL}:7.4.3.4-ga4",
    "7.4.13": f"{DXP}:7.4.13",
    "7.4.3.9": f"{PORTAL}:7.4.3.9-ga9",
    "7.4.3.28": f"{PORTAL}:7.4.3.28-ga28",
    "7.4.3.51": f"{PORTAL}:7.4.3.51-ga51",
    "7.4.13.u70": f"{DXP}:7.4.13.u70",
    "7.4.13.u77": f"{DXP}:7.4.13.u77",
    "7.4.3.112": f"{PORTAL}:7.4.3.112-ga112",
}
"""The published builds of 7.4 with their jars, from the oldest."""

CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "headless-admin-list-type": (
        "com.liferay.headless.admin.list.type.dto.v1_0.ListTypeDefinition",
    ),
    "headless-batch-engine": (
        "com.liferay.headless.batch.engine.dto.v1_0.ExportTask",
        "com.liferay.headless.batch.engine.dto.v1_0.ImportTask",
    ),
    "object-admin": (
        "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition",
        "com.liferay.object.admin.rest.dto.v1_0.ObjectFolder",
    ),
    "object-rest": ("com.liferay.object.rest.dto.v1_0.ObjectEntry",),
}
"""For each API the classes of its items; those nested in them are found."""

ABSENT: Final = "-"

READ_ONLY: Final = "r"

WRITABLE: Final = "w"

Known = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""For each class, by its simple name, the properties with their types."""


def ask_build(version: str, api: str) -> Known:
    """Return what the classes of one build know.

    Raises:
        JavaUnavailable: Java or the build's jar is missing.
    """
    jar = find_jar(BUILDS[version])
    known = json.loads(run_java(PROGRAM, *CLASSES[api], classpath=[jar]))
    return {
        name.rpartition(".")[2]: {
            property_name: {**facts, "type": facts["type"].rpartition(".")[2]}
            for property_name, facts in properties.items()
        }
        for name, properties in known.items()
    }


def make_table(known: Mapping[str, Mapping[str, Known]]) -> dict[str, Any]:
    """Return the table of what all builds know, by version and API."""
    versions = list(known)
    apis: dict[str, Any] = {}
    for api in CLASSES:
        classes = sorted({name for v in versions for name in known[v][api]})
        apis[api] = {
            name: dict(
                _merge_properties([known[v][api].get(name, {}) for v in versions])
            )
            for name in classes
        }
    return {
        "source": "Jackson's view of the server-side classes of each build",
        "versions": {version: BUILDS[version] for version in versions},
        "apis": apis,
    }


def _merge_properties(
    builds: list[Mapping[str, Mapping[str, Any]]],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each property with its types, and a letter for each build."""
    for name in sorted({name for build in builds for name in build}):
        found = [build.get(name) for build in builds]
        types: dict[str, str] = {}
        for type_ in sorted({facts["type"] for facts in found if facts}):
            types[type_] = "".join(
                _access(facts) if facts and facts["type"] == type_ else ABSENT
                for facts in found
            )
        merged: dict[str, Any] = {"types": types}
        values = sorted(
            {v for facts in found if facts for v in facts.get("values", ())}
        )
        if values:
            merged["values"] = {
                value: "".join(
                    WRITABLE if facts and value in facts.get("values", ()) else ABSENT
                    for facts in found
                )
                for value in values
            }
        yield name, merged


def _access(facts: Mapping[str, Any]) -> str:
    return READ_ONLY if facts.get("readOnly") else WRITABLE


def format_table(table: Mapping[str, Any]) -> str:
    """Write the table as JSON with one property a line."""
    lines = [
        "{",
        f'"source": {json.dumps(table["source"])},',
        f'"versions": {json.dumps(table["versions"])},',
        '"apis": {',
    ]
    apis = list(table["apis"].items())
    for api, classes in apis:
        lines.append(f"{json.dumps(api)}: {{")
        for name, properties in classes.items():
            lines.append(f"{json.dumps(name)}: {{")
            rows = [
                f"{json.dumps(key)}: {json.dumps(facts, separators=(',', ':'))}"
                for key, facts in properties.items()
            ]
            lines.append(",\n".join(rows))
            lines.append("}" if name == list(classes)[-1] else "},")
        lines.append("}" if api == apis[-1][0] else "},")
    return "\n".join([*lines, "}", "}", ""])


def main() -> None:
    """Write the table of the package."""
    os.environ[FETCH] = "1"
    known = {
        version: {api: ask_build(version, api) for api in CLASSES} for version in BUILDS
    }
    TABLE.write_text(format_table(make_table(known)), encoding="utf-8")


if __name__ == "__main__":
    main()
