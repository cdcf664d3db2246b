"""The steps that write one part of a batch, each a function over a BatchState.

1. :func:`find_task` asks for a task of an earlier attempt.
2. :func:`take_snapshot` reads what is stored under the codes of the part.
3. :func:`send_items` creates the import task, which carries the snapshot.
4. :func:`reconcile` waits for the task, and compares the snapshot with what is stored
   then.

Where step 1 finds a task, steps 2 and 3 are left out, because the task carries its
snapshot. Each step changes the state that it is given, so a part can be resumed after
any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...errors import Refused
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.item_reads import ItemReads
from ...model.outcome import NESTED_KEPT, Outcome, OutcomeKind, Problem
from ...model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from ...objects.documents.change_set import DEFINITION
from ...objects.errors.entry_problem_types import EntryProblemType
from ...objects.errors.entry_problems import no_such_site
from ...objects.names import ERC
from ...objects.versions.item_schemas import ItemSchemas
from ...ports import Item
from .batch_pieces import PieceSizes, split_part
from .batch_plan import (
    STUB_POLICY,
    STUB_SUFFIX,
    BatchPart,
    PreparedItem,
    completion_policy,
    make_stub_part,
)
from .batch_task import COMPLETED, ImportTaskClient, has_broken_off
from .fallback import is_upsert_refused
from .http.client import Client
from .http.errors import MISSING_PERMISSION, explain_refused_import
from .items import ItemFetcher, ScopeNotFound
from .metadata import list_sites
from .problems import CauseFinder, parse_problem
from .relationships import WantedLinks
from .results import (
    ReportedFailures,
    TaskResult,
    classify_broken,
    classify_completed,
    classify_interrupted,
    classify_stopped,
    failed_outcomes,
    has_no_effect,
    read_failures,
    unknown_outcomes,
)
from .snapshot import WITHHELD, ChecksumReader, Snapshot

RESTART_SUFFIX: Final = "n"
"""What the mark of a new attempt has after that of a task without any effect."""

_RELATED_ENTRY_MISSING: Final = Problem(
    "no-such-related-object-entry",
    "An entry that the record names in a list was not there when it was tried.",
)


class WriteContext:
    """What all steps need: the server, the entity type, the strategies.

    Args:
        client: The client of the server.
        fetcher: Reads items by code.
        entity_type: The entity type that the items belong to.
        policy: The strategies of the import.
        schemas: What the server knows of the items; None for everything.

    Attributes:
        sizes: How many items the server takes in one request.
    """

    def __init__(
        self,
        client: Client,
        fetcher: ItemFetcher,
        entity_type: EntityType,
        policy: Policy,
        schemas: ItemSchemas | None = None,
    ) -> None:
        self.sizes = PieceSizes()
        self.client = client
        self.fetcher = fetcher
        self.entity_type = entity_type
        self.policy = policy
        self.schemas = schemas
        self.is_definition = entity_type.name == DEFINITION
        self.adds_only = policy.import_strategy is ImportStrategy.INSERT
        self.updates_only = policy.import_strategy is ImportStrategy.UPDATE
        self.stops = policy.error_strategy is ErrorStrategy.STOP
        self.patches = policy.update_strategy is UpdateStrategy.PARTIAL_UPDATE
        self.tasks = ImportTaskClient(client, entity_type, policy)
        self.checksums = ChecksumReader(fetcher, entity_type, adds_only=self.adds_only)
        self.causes = CauseFinder(entity_type, policy)


@dataclass(slots=True)
class BatchState:
    """How far the writing of one part of a batch has come.

    Attributes:
        part: The part; its mark changes where an earlier attempt had no effect.
        task: The task of this part, or None if there is none yet.
        was_searched: The server was asked for a task of an earlier attempt.
        snapshot: What was stored before the task, or None if it was not read yet.
        links: The many-to-many links that the items ask for.
        has_sent: The server may have stored something of this part.
        reads: The items of the batch that are read for the journal, too.
    """

    part: BatchPart
    task: Item | None = None
    was_searched: bool = False
    snapshot: Snapshot | None = None
    links: WantedLinks = field(default_factory=dict)
    has_sent: bool = False
    reads: ItemReads | None = None

    @property
    def keys(self) -> list[str]:
        """The codes of the items."""
        return [item.key for item in self.part.items]

    def restart(self) -> None:
        """Begin a new attempt, with a mark of its own."""
        self.part = _restarted(self.part)
        self.task = self.snapshot = None
        self.was_searched = False


@dataclass(slots=True)
class Reconciliation:
    """What is known about the items of a part after its task has ended.

    Attributes:
        outcomes: Outcomes by place in the batch.
        sent: The items that the task was given.
        resend: Items of these that are to be sent again.
        cause: Why the task ended before its last item, where no item is to blame;
            otherwise None.
        single: The server refused the batch as a whole, and takes its items only one
            at a time. The problem is what it said; None in all other cases.
    """

    outcomes: dict[int, Outcome]
    sent: Sequence[PreparedItem] = ()
    resend: Sequence[PreparedItem] = ()
    cause: Problem | None = None
    single: Problem | None = None


def find_task(context: WriteContext, state: BatchState) -> None:
    """Look for the task of an earlier attempt, the last one if there were several."""
    if state.was_searched:
        return
    task = context.tasks.find(state.part.mark)
    while task is not None and has_broken_off(task):
        restarted = _restarted(state.part)
        restarted_task = context.tasks.find(restarted.mark)
        if restarted_task is None:
            break
        state.part, task = restarted, restarted_task
    state.task = task
    state.was_searched = True


def can_split(context: WriteContext) -> bool:
    """Return True for entries; definitions of one batch may need each other."""
    return context.entity_type.class_name == OBJECT_ENTRY


def piece_size(context: WriteContext, state: BatchState) -> int:
    """Return how many items of a part to send in one request, mostly all.

    Where an earlier attempt has begun, it has decided that.

    Raises:
        UnknownTaskState: The server cannot be asked any more.
    """
    number = len(state.part.items)
    if not can_split(context) or number == 1:
        return number
    if state.task is None:
        return context.sizes.most(context.entity_type.key, number)
    if state.snapshot is not None:
        return number
    ended = context.tasks.wait(state.task)  # until it ends it has no archive to read
    if ended is None:
        return number
    state.task = ended
    state.snapshot = context.tasks.snapshot_of(ended, state.part)
    if state.snapshot is not None:
        return number
    return min(context.tasks.count_items(ended) or number, number)


def state_pieces(state: BatchState, size: int) -> Iterator[BatchState]:
    """Yield the states of the pieces of a part; the first one has its task."""
    for number, part in enumerate(split_part(state.part, size)):
        keys = {item.key for item in part.items}
        snapshot = state.snapshot
        if snapshot is not None:
            snapshot = {key: snapshot[key] for key in keys & snapshot.keys()}
        piece = BatchState(part, snapshot=snapshot, reads=state.reads)
        if number == 0:
            piece.task, piece.was_searched = state.task, state.was_searched
        yield piece


def take_snapshot(context: WriteContext, state: BatchState) -> None:
    """Read what is stored before anything of the part is written.

    Where an earlier attempt has created stubs of definitions, the snapshot is the one
    that their task carries.
    """
    if state.snapshot is not None:
        return
    part = state.part
    context.checksums.include_definitions(part.items)
    if context.is_definition:
        stub_task = context.tasks.find(f"{part.mark}{STUB_SUFFIX}")
        ended = context.tasks.wait(stub_task) if stub_task is not None else None
        if ended is not None:
            state.snapshot = context.tasks.snapshot_of(ended, part)
    if state.snapshot is None:
        state.snapshot = context.checksums.read(part.site, state.keys, state.reads)


def send_items(context: WriteContext, state: BatchState) -> None:
    """Create the task of a part; there is none if no item of it may be sent.

    Raises:
        UnknownTaskState: The task may have been created or not.
        InstallationError: The task was not created.
    """
    snapshot = state.snapshot = _withhold_items(state, state.snapshot or {})
    tasks = context.tasks
    stubs = _stub_part(context, state.part, snapshot)
    if stubs is not None:
        tasks = context.tasks.with_policy(completion_policy(context.policy))
        stub_tasks = context.tasks.with_policy(STUB_POLICY)
        state.has_sent = True
        stub_tasks.wait(stub_tasks.post(*stubs, snapshot))
    items, _ = _select_items(context, state, snapshot)
    if items:
        state.has_sent = True
        state.task = tasks.post(state.part, items, snapshot)


def reconcile(context: WriteContext, state: BatchState) -> Reconciliation:
    """Wait for the task of a part, and find out what became of its items.

    Raises:
        UnknownTaskState: The server cannot be asked any more.
        Refused: Nothing of the part is stored.
    """
    if state.task is None:
        _, refused = _select_items(context, state, state.snapshot or {})
        return Reconciliation(refused)
    task = context.tasks.wait(state.task)
    if task is None:
        return Reconciliation(unknown_outcomes(state.part.items))
    context.checksums.include_definitions(state.part.items)
    snapshot = _recover_snapshot(context, state, task)
    sent, refused = _select_items(context, state, snapshot)
    failures = read_failures(task, sent)
    _require_permission(context, failures, sent)
    if _is_batch_refused(context, task, failures):
        return Reconciliation(refused, sent, single=_task_problem(task))
    result = _classify(context, state, task, sent, failures)
    outcomes = refused | result.outcomes
    return Reconciliation(outcomes, sent, result.resend, result.cause)


def explain_outcomes(
    context: WriteContext,
    state: BatchState,
    reconciliation: Reconciliation,
) -> dict[int, Outcome]:
    """Return the outcomes with the causes of failures, and with notes."""
    outcomes = context.causes.explain_all(
        reconciliation.outcomes, reconciliation.sent, state.snapshot or {}
    )
    is_patched = context.is_definition and context.patches
    if not is_patched or reconciliation.single is not None:
        return outcomes
    return {place: _add_patch_note(outcome) for place, outcome in outcomes.items()}


def refuse_unknown_site(
    context: WriteContext, part: BatchPart, error: ScopeNotFound
) -> dict[int, Outcome]:
    """Return failures for the items of a site that the server does not have.

    Raises:
        ScopeNotFound: The server has the site, or does not list its sites.
    """
    try:
        sites = list_sites(context.client, context.entity_type)
    except Refused:
        raise error from None
    if any(part.site in (site.key, site.label) for site in sites):
        raise error
    labels = [site.label for site in sites]
    return failed_outcomes(part.items, no_such_site(part.site, labels))


def _restarted(part: BatchPart) -> BatchPart:
    return replace(part, mark=f"{part.mark}{RESTART_SUFFIX}")


def _stub_part(
    context: WriteContext, part: BatchPart, snapshot: Snapshot
) -> tuple[BatchPart, tuple[PreparedItem, ...]] | None:
    version = context.fetcher.version() if context.is_definition else ()
    return make_stub_part(part, context.entity_type, context.policy, snapshot, version)


def _withhold_items(state: BatchState, snapshot: Snapshot) -> Snapshot:
    """Mark the items whose links name missing entries, for later attempts to see."""
    withheld = [
        item.key
        for item in state.part.items
        if isinstance(state.links.get(item.place), Problem)
    ]
    return {**snapshot, **dict.fromkeys(withheld, WITHHELD)}


def _recover_snapshot(context: WriteContext, state: BatchState, task: Item) -> Snapshot:
    """Return the snapshot of a task that was found, from the task or by dates."""
    if state.snapshot is None:
        state.snapshot = context.tasks.snapshot_of(task, state.part)
    if state.snapshot is None:
        estimate = context.checksums.estimate_before(state.part, task)
        state.snapshot = _withhold_items(state, estimate)
    return state.snapshot


def _select_items(
    context: WriteContext, state: BatchState, snapshot: Snapshot
) -> tuple[tuple[PreparedItem, ...], dict[int, Outcome]]:
    """Return the items that the strategies allow, and outcomes for all others.

    Mostly the server enforces the import strategy itself.
    """
    items = state.part.items
    has_stubs = (
        context.adds_only and _stub_part(context, state.part, snapshot) is not None
    )
    enforces = context.updates_only or has_stubs
    if not enforces and WITHHELD not in snapshot.values():
        return items, {}
    selected: list[PreparedItem] = []
    refused: dict[int, Outcome] = {}
    for item in items:
        problem: Problem | None = None
        if snapshot.get(item.key) == WITHHELD:
            links = state.links.get(item.place)
            problem = links if isinstance(links, Problem) else _RELATED_ENTRY_MISSING
        elif enforces:
            problem = _strategy_problem(context, item.key, snapshot)
        if problem is None:
            selected.append(item)
            continue
        refused[item.place] = item.failed(problem)
        if context.stops:
            break
    return tuple(selected), refused


def _strategy_problem(
    context: WriteContext, key: str, snapshot: Snapshot
) -> Problem | None:
    """Return why the import strategy does not allow an item; None if it does."""
    if (key in snapshot) is context.updates_only:
        return None
    name = context.entity_type.name
    if not context.updates_only:
        message = f"Duplicate {name} with external reference code {key}"
        return Problem("duplicate-key", message, ERC, f'"{key}"')
    if context.entity_type.class_name == OBJECT_ENTRY:
        return EntryProblemType.NOT_THERE.problem(ERC, key, erc=key)
    message = f"No {name} exists with the external reference code {key}"
    return Problem("not-found", message, ERC, f'"{key}"')


def _require_permission(
    context: WriteContext, failures: ReportedFailures, sent: Sequence[PreparedItem]
) -> None:
    """Report a missing permission once, instead of at every item.

    Raises:
        Refused: All items failed for want of a permission, or the first one did and
            ended the task.
    """
    by_number = failures.by_number
    lacking = [
        number
        for number, failure in by_number.items()
        if failure.problem.code == MISSING_PERMISSION
    ]
    concerns_all = len(lacking) == len(sent) or (context.stops and lacking == [1])
    if lacking and concerns_all:
        message = by_number[1].problem.message.rstrip(".")
        reason = explain_refused_import(
            context.client.principal, context.entity_type, message
        )
        raise Refused(context.client.name, reason)


def _is_batch_refused(
    context: WriteContext, task: Item, failures: ReportedFailures
) -> bool:
    """Return True if the server cannot upsert changed fields in a batch."""
    if not context.patches:
        return False
    messages = [failure.problem.message for failure in failures.by_number.values()]
    return any(map(is_upsert_refused, [_error_message(task), *messages]))


def _classify(
    context: WriteContext,
    state: BatchState,
    task: Item,
    sent: Sequence[PreparedItem],
    failures: ReportedFailures,
) -> TaskResult:
    """Read what is stored now, and classify the items by how the task has ended.

    Raises:
        Refused: The task failed, and nothing of it is stored.
    """
    by_number, unplaced = failures
    before = state.snapshot or {}

    def read_after(items: Sequence[PreparedItem]) -> Mapping[str, str]:
        keys = [item.key for item in items]
        return context.checksums.read_after(state.part.site, keys, state.reads)

    if task.get("executeStatus") == COMPLETED:
        if unplaced is not None:
            return classify_broken(sent, by_number, before, read_after(sent), unplaced)
        to_compare = [
            item
            for number, item in enumerate(sent, start=1)
            if item.key in before and number not in by_number
        ]
        return classify_completed(sent, by_number, before, read_after(to_compare))
    if by_number and context.stops:
        after = read_after(sent[: min(by_number) - 1])
        return classify_stopped(
            sent, by_number, before, after, adds_only=context.adds_only
        )
    after = read_after(sent)
    if not by_number and has_no_effect(
        sent, before, after, adds_only=context.adds_only
    ):
        raise Refused(context.client.name, _interruption(task).message)
    if unplaced is None:
        cause = _interruption(task)
        return classify_interrupted(sent, by_number, before, after, cause)
    return classify_broken(sent, by_number, before, after, _task_problem(task))


def _error_message(task: Item) -> str:
    return str(task.get("errorMessage") or "")


def _task_problem(task: Item) -> Problem:
    return parse_problem(_error_message(task), {})


def _interruption(task: Item) -> Problem:
    problem = _task_problem(task)
    reason = f"The server could not carry out the batch: {problem.message}"
    return replace(problem, message=reason)


def _add_patch_note(outcome: Outcome) -> Outcome:
    """Note what a PATCH of a definition leaves as it was."""
    is_stored = outcome.kind in {OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
    if is_stored and not outcome.note:
        return outcome._replace(note=NESTED_KEPT)
    return outcome
