"""Classic units of a package: a configuration and a data file in one folder.

Before there were batch files, a batch client extension had a folder with
``batch-engine.json`` and one data file for each unit, and Liferay still reads them. A
batch file is made of the two, so that everything else has one kind of file to read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ...errors import FileUnreadable
from ...formats.json.batch_configuration import parse_configuration
from ...formats.json.batch_engine_format import write_batch_file
from ...formats.source import open_source
from ...model.reading_options import ReadingOptions
from ...storage.private_files import open_private
from ...workspace.file_transfer import translate_os_errors

CLASSIC_CONFIGURATION: Final = "batch-engine.json"
MAX_CONFIGURATION_BYTES: Final = 1024 * 1024
_MAX_NAMES: Final = 5


def describe_unpaired(others: Sequence[str]) -> str:
    """Return why a configuration has no data file.

    Args:
        others: The paths of the other files in its folder.
    """
    needed = f"{CLASSIC_CONFIGURATION} needs exactly one data file in its folder"
    if not others:
        return f"{needed}, which has none. Put it there."
    names = [repr(PurePosixPath(other).name[:100]) for other in sorted(others)]
    shown = ", ".join(names[:_MAX_NAMES]) + (", …" if names[_MAX_NAMES:] else "")
    return f"{needed}, and there are {len(others):,}: {shown}. Leave one of them there."


def write_classic_unit(
    content: bytes, data: Path, data_name: str, target: Path, *, name: str
) -> None:
    """Write the batch file that a configuration and its data file stand for.

    Args:
        content: The content of the configuration.
        data: The data file.
        data_name: The data file's own name.
        target: The path of the batch file.
        name: The name of the configuration, for messages.

    Raises:
        FileError: One of the two cannot be read.
        DiskFull: The disk is full.
    """
    configuration = _parse_json(content, name)
    parameters = parse_configuration(configuration, source=name).parameters
    options = ReadingOptions(
        delimiter=parameters.get("delimiter", ""),
        headers=parameters.get("containsHeaders", "true").lower() != "false",
    )
    own_name = PurePosixPath(data_name).name
    with (
        open_source(data, name=own_name, options=options) as source,
        translate_os_errors(target.parent),
        open_private(target) as file,
    ):
        write_batch_file(configuration, source.records(), file)


def _parse_json(content: bytes, name: str) -> Any:
    if len(content) > MAX_CONFIGURATION_BYTES:
        reason = "The configuration is larger than 1 MiB."
        raise FileUnreadable(name, reason)
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as exc:
        reason = f"The configuration is not valid JSON: {exc}."
        raise FileUnreadable(name, reason) from exc
