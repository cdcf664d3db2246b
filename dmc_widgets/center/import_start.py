"""What has to be known of an import before its task is queued."""

from __future__ import annotations

from functools import partial

from ..model.plan import ImportPlan
from ..ports import Installation
from ..tasks.imports.file_check import check_file
from ..tasks.imports.file_head import read_head
from ..tasks.imports.original_file import copy_original
from ..tasks.installation_access import find_entity_type
from ..workspace import Workspace
from .known_files import describe_earlier_import, identify_file
from .launching import ImportedFile
from .source_files import SourceFile
from .task_names import with_name_and_key


def prepare_import(
    workspace: Workspace,
    installation: str,
    opened: Installation,
    plan: ImportPlan,
    source: SourceFile,
    *,
    consume: bool,
    is_one_of_many: bool,
) -> tuple[ImportPlan, ImportedFile, tuple[str, ...]]:
    """Check an import, and return its plan, its file and its warnings.

    Args:
        workspace: Remembers the fields that the plan pairs.
        installation: The name of the target.
        opened: The target.
        plan: The plan of the import.
        source: The file.
        consume: Move the file instead of copying it.
        is_one_of_many: A path of a merge may name a difference of another file.

    Raises:
        RequestError: The plan asks for something that is not there.
        FileError: The file cannot be imported.
    """
    path, name = source.path, source.name or source.path.name
    entity_type = find_entity_type(opened.entity_types(), plan.entity_type)
    head = read_head(path, name, plan.reading)
    check = check_file(opened, plan, head, is_one_of_many=is_one_of_many)
    check.require_startable()
    earlier = describe_earlier_import(workspace, installation, path)
    used = [pair for pair in plan.mapping.pairs if pair.has_source]
    workspace.mappings.remember(entity_type.key, used)
    file = ImportedFile(
        name,
        identify_file(path),
        partial(copy_original, path, name=name, consume=consume),
        source.origin,
    )
    named = with_name_and_key(plan, entity_type)
    return named, file, (*earlier, *check.warnings)
