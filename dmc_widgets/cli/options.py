"""The arguments and options of the commands, each with its help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..model.compression import Compression
from ..model.strategies import ErrorStrategy, ImportStrategy, UpdateStrategy
from ..storage.remote_addresses import find_address
from .format_names import READABLE_FILES, WRITABLE_FORMATS
from .local_paths import parse_local_path

if TYPE_CHECKING:  # commands load only what they need
    from ..center.choices import WorkerChoices


class ErrorStrategyWord(StrEnum):
    """The error strategies in the command line's words."""

    STOP = "stop"
    CONTINUE = "continue"

    @property
    def strategy(self) -> ErrorStrategy:
        """The same strategy in the words of plans."""
        return ErrorStrategy[self.name]


class Purpose(StrEnum):
    """The direction in which a field is used."""

    IMPORT = "import"
    EXPORT = "export"


def parse_local_file(text: str) -> Path:
    """Return the path of a file that is on this machine."""
    path = parse_local_path(text)
    require_file(text)
    return path


def require_writable(text: str | None) -> str | None:
    """Refuse a path or an address that could not be written, before the work starts."""
    target = None if text is None else find_address(text)
    if isinstance(target, Path):
        require_writable_path(target)
    elif target is not None and target.is_folder:
        message = f"{target} is a folder. Name a file in it."
        raise typer.BadParameter(message)
    return text


def require_writable_path(path: Path) -> Path:
    """Refuse a path that could not be written, before the work starts."""
    if path.is_dir():
        message = f"{path} is a folder. Name a file in it."
        raise typer.BadParameter(message)
    _require_folder(path)
    return path


def _require_folder(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        message = f"The folder {path.parent} does not exist. Create it first."
        raise typer.BadParameter(message)


def require_target(text: str | None) -> str | None:
    """Refuse a path in a folder that does not exist, or an address that is none."""
    if text is not None:
        target = find_address(text)
        if isinstance(target, Path):
            _require_folder(target)
    return text


def require_file(text: str | None) -> str | None:
    """Refuse a path without a file; what is at an address is known when it is read."""
    path = None if text is None else find_address(text)
    if isinstance(path, Path) and not path.exists():
        message = f"File {text!r} does not exist."
        raise typer.BadParameter(message)
    if isinstance(path, Path) and path.is_dir():
        message = f"File {text!r} is a directory."
        raise typer.BadParameter(message)
    return text


def require_file_or_parts(text: str) -> str:
    """Refuse a path where nothing is; a folder may hold the parts of a file."""
    path = find_address(text)
    if not isinstance(path, Path) or not path.is_dir():
        require_file(text)
    return text


def require_package(text: str) -> str:
    """Refuse the path of a package that is not there."""
    path = find_address(text)
    if isinstance(path, Path) and not path.exists():
        message = f"Path {text!r} does not exist."
        raise typer.BadParameter(message)
    return text


Name = Annotated[str, typer.Argument(metavar="NAME", help="The installation's name.")]
SourceName = Annotated[
    str, typer.Argument(metavar="SOURCE", help="The installation to take from.")
]
TargetName = Annotated[
    str, typer.Argument(metavar="TARGET", help="The installation to bring into.")
]
NewName = Annotated[
    str, typer.Argument(metavar="NAME", help="What to call the installation.")
]
Url = Annotated[
    str,
    typer.Argument(
        metavar="URL",
        help="Such as sqlite:///path.db, postgresql://db.example.com/migration or "
        "https://liferay.example.com.",
    ),
]
User = Annotated[
    str, typer.Option("--user", metavar="USER", help="Sign in with a password.")
]
ClientId = Annotated[
    str,
    typer.Option(
        "--client-id", metavar="ID", help="Sign in with an OAuth 2 client secret."
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option(
        "--ca-file",
        metavar="FILE",
        parser=parse_local_file,
        help="Certificates to trust besides those of the system.",
    ),
]
InsecureHttp = Annotated[
    bool,
    typer.Option(
        "--insecure-http",
        help="Allow http to another machine: anybody on the way reads the password.",
    ),
]
AtOnce = Annotated[
    int,
    typer.Option("--at-once", metavar="N", min=1, help="Requests at the same time."),
]
Entity = Annotated[
    str, typer.Argument(metavar="ENTITY", help="A short name or a class key.")
]
File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        callback=require_file_or_parts,
        help=f"{READABLE_FILES}, alone in a zip or gzip if wished; or its address, "
        "such as s3://bucket/tickets.csv; or the folder of the parts of a Parquet "
        "file.",
    ),
]
Entities = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ENTITY...]",
        help="Short names or class keys; none for all.",
        show_default=False,
    ),
]
WithNeeded = Annotated[
    bool,
    typer.Option(
        "--with-needed",
        help="Bring along what the chosen ones need and the target lacks: "
        "definitions, picklists, folders, the parents of entries, and the entries that "
        "chosen ones are linked with.",
    ),
]
MatchNames = Annotated[
    bool,
    typer.Option(
        "--match-names",
        help="Take a definition, picklist or folder of the same name as the same, "
        "whatever external reference code it has in the target.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        help="Import partitions of the file with so many worker processes at once. "
        "Needs --on-error continue.",
    ),
]

ClusterAddress = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Import partitions of the file on the workers of a Dask scheduler, such "
        "as tcp://10.0.0.5:8786, or on a local cluster of this task's own (local). "
        "Needs --on-error continue.",
    ),
]


def choose_workers(workers: int | None, cluster: str | None) -> WorkerChoices:
    """Return the choices of workers that were made."""
    choices: WorkerChoices = {}
    if workers is not None:
        choices["workers"] = workers
    if cluster is not None:
        choices["cluster"] = cluster
    return choices


AllowDeletions = Annotated[
    bool,
    typer.Option(
        "--allow-deletions",
        help="Fields, relationships and picklist keys that only the target has may go, "
        "with their values, when their definition is overwritten. Without it they are "
        "named with the number of values, and nothing is written.",
    ),
]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="ENTITY=EXPRESSION",
        help="Only entries that fulfil an OData expression. Repeat it.",
    ),
]
Sites = Annotated[
    list[str] | None,
    typer.Option(
        "--site",
        metavar="KEY",
        help="Only entries of this site, of objects that have sites. Repeat it.",
    ),
]
SiteKey = Annotated[
    str | None,
    typer.Option(
        "--site",
        metavar="KEY",
        help="The site that the entries belong to, of an object that has sites. "
        "Without it: for an export every site, for an import what each record says.",
    ),
]
Parent = Annotated[
    str | None,
    typer.Option(
        "--parent",
        metavar="CODE",
        help="The definition of the fields, relationships or other parts, or the "
        "picklist of the entries, by its external reference code. Without it: what "
        "the file or each record says; for an export, all of them.",
    ),
]
NewSites = Annotated[
    bool,
    typer.Option(
        "--new-sites",
        help="Add sites that are named and not known, in an embedded database. "
        "Without it their records are refused.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Say what would become of each record; write nothing."
    ),
]
Package = Annotated[
    str,
    typer.Argument(
        metavar="PACKAGE",
        callback=require_package,
        help="A folder, or a zip of one, or the address of a zip.",
    ),
]
TaskId = Annotated[
    int, typer.Argument(metavar="ID", help="As `dmc task list` lists it.")
]
Json = Annotated[bool, typer.Option("--json", help="Print an array of objects.")]
TaskJson = Annotated[
    bool, typer.Option("--json", help="Print one object, failed records included.")
]
PurposeOption = Annotated[
    Purpose | None,
    typer.Option("--for", help="Only what an import may fill or an export hold."),
]
Output = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=require_writable,
        help="Where to write: a path or an address. A file that is there is replaced.",
    ),
]
ExportOutput = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        callback=require_target,
        help="Where to write: a path, or an address such as s3://bucket/exports/. A "
        "file that is there is replaced. In a folder, the current one without this "
        "option, the zip is called by what it holds: Ticket-2026-11-28.zip.",
    ),
]
CountOnly = Annotated[
    bool,
    typer.Option(
        "--count", help="Print how many records match, of how many, and write nothing."
    ),
]
FormatName = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="F",
        help=f"{WRITABLE_FORMATS}. Without it, the format as which "
        "the file is named, else JSON.",
    ),
]
FieldNames = Annotated[
    str | None,
    typer.Option(
        "--fields", metavar="a,b", help="Only these fields. Without it: all of them."
    ),
]
Filter = Annotated[
    str | None,
    typer.Option(
        "--filter",
        metavar="EXPR",
        help='Only records that meet this OData expression: "priority gt 3 and '
        "state eq 'open'\".",
    ),
]
Sort = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="ORDER",
        help="Such as title:asc,priority:desc. Without it: the order of creation.",
    ),
]
Search = Annotated[
    str | None,
    typer.Option(
        "--search",
        metavar="TEXT",
        help="Only records that hold this text in a text field, whatever its case.",
    ),
]
ForVersion = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="V",
        help="The version of Liferay that is to read the file, such as 7.4.3.112: what "
        "it does not know is left out and reported. Without it: any.",
    ),
]
Template = Annotated[
    str, typer.Argument(metavar="NAME", help="The name of the template.")
]
TemplateName = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="T",
        help="Take the plan from this template; other options override it.",
    ),
]
TaskName = Annotated[
    str | None, typer.Option("--name", metavar="N", help="The name of the task.")
]
Pairs = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="SOURCE=TARGET",
        help="Which field of the file fills which field. Repeat it; fields that "
        "no --map names are left out. Without it: fields of the same name.",
    ),
]
MatchFields = Annotated[
    str | None,
    typer.Option(
        "--match",
        metavar="a,b",
        help="Records update the entry that has their values of these fields, instead "
        "of the one with their external reference code. Several hits fail a record.",
    ),
]
MatchKeysOption = Annotated[
    list[str] | None,
    typer.Option(
        "--match",
        metavar="ENTITY=a,b",
        help="Entries of this entity type update the one that has their values of "
        "these fields, whatever its external reference code; what names them "
        "follows. Several hits fail an entry. Repeat it for further entity types.",
    ),
]
MappingFile = Annotated[
    str | None,
    typer.Option(
        "--mapping",
        metavar="FILE",
        callback=require_file,
        help="Take the mapping from this YAML or JSON file, or the one at this "
        "address, as dmc mapping writes it; each --map overrides its target.",
    ),
]
ImportStrategyOption = Annotated[
    ImportStrategy | None,
    typer.Option(
        "--import-strategy",
        help="UPSERT: Add or Update Records (the default). "
        "INSERT: Only Add New Records. UPDATE: Only Update Records.",
    ),
]
UpdateStrategyOption = Annotated[
    UpdateStrategy | None,
    typer.Option(
        "--update-strategy",
        help="UPDATE: Overwrite Records (the default). "
        "PARTIAL_UPDATE: Update Changed Record Fields. "
        "MERGE: keep what only the target has.",
    ),
]
ErrorStrategyOption = Annotated[
    ErrorStrategyWord | None,
    typer.Option(
        "--on-error",
        help="stop: Stop the Import on Error (the default). "
        "continue: Continue on Error.",
    ),
]
LazyReferences = Annotated[
    bool | None,
    typer.Option(
        "--lazy-references/--no-lazy-references",
        help="Records may name entries that do not exist yet: an empty one is added "
        "for each, and filled when its record comes. Without it they fail.",
    ),
]
NoHeaders = Annotated[
    bool,
    typer.Option(
        "--no-headers",
        help="CSV and Excel: no line of column names. An import names the columns "
        "0, 1 and so on.",
    ),
]
FormulaGuard = Annotated[
    bool | None,
    typer.Option(
        "--formula-guard/--no-formula-guard",
        help="CSV: put an apostrophe before texts that a spreadsheet would run as "
        "formulas (the default). Liferay before 2026 and other readers store it; "
        "without it, opening the file in a spreadsheet may run what a text says.",
    ),
]
CompressionName = Annotated[
    Compression | None,
    typer.Option(
        "--compression",
        case_sensitive=False,
        help="PARQUET: how the columns are compressed; ZSTD without it. Every reader "
        "knows SNAPPY.",
    ),
]
Rows = Annotated[
    int,
    typer.Option("--rows", metavar="N", help="How many records; 20 without it."),
]
Spread = Annotated[
    bool,
    typer.Option("--sample", help="Take records from all over the file."),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        min=1,
        max=65535,
        metavar="P",
        help="8866 without it. Another one is taken, and named, if it is in use.",
    ),
]
NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Only print the address, with its token.")
]
