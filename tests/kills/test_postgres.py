"""An import into PostgreSQL equals an undisturbed one, whatever was killed on the way.

``python -m tests.kills.postgres_kills`` kills many more.
"""

from __future__ import annotations

from pathlib import Path

from tests.kills.jobs import ImportJob, PartitionsJob
from tests.kills.killing import Moment
from tests.kills.partition_kills import PostgresPartitionResumption
from tests.kills.postgres_kills import PostgresResumption, Victim, private_server
from tests.kills.test_kills import UPSERT, kill

_SENTENCES = {
    f"{what} Try again later."
    for what in (
        "The connection to the database broke.",
        "The database server does not answer at this address.",
        "The database server ended the connection: it is shutting down, or an "
        "administrator ended it.",
        "The database server is starting or shutting down.",
    )
}


def test_resumed_import_into_postgresql_equals_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    """The worker dies in a transaction, the server before its commit and after it."""
    with private_server() as server:
        resumption = PostgresResumption(ImportJob(tmp_path, kill(UPSERT, "")), server)
        for victim, point in (
            (Victim.WORKER, "before-mark"),
            (Victim.SERVER, "before-mark"),
            (Victim.BACKEND, "after-write"),
        ):
            resumption.victim = victim
            tried = resumption.try_kill(Moment(point, 2, 0))

            assert tried is not None, victim
            assert tried.differences == [], victim
        assert len(resumption.errors) == 2
        for error in resumption.errors:
            assert error.partition(": ")[2] in _SENTENCES


def test_resumed_import_by_several_workers_into_postgresql_equals_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    """One of the workers dies, a process of the server, or all of it at once.

    ``python -m tests.kills --workers 3 --kills 100 --postgresql`` kills many more.
    """
    killed = kill(
        UPSERT,
        "",
        records=1_200,
        bad=frozenset({7, 1_100}),
        stored=frozenset(range(1, 1_200, 2)),
    )
    with private_server() as server:
        job = PartitionsJob(tmp_path, killed, workers=2)
        resumption = PostgresPartitionResumption(job, server)
        for victim, point in (
            (Victim.WORKER, "partition-worker"),
            (Victim.BACKEND, "before-outcomes"),
            (Victim.SERVER, "before-outcomes"),
        ):
            resumption.victim = victim
            tried = resumption.try_kill(Moment(point, 3, 0))

            assert tried is not None, victim
            assert tried.differences == [], victim
        assert len(resumption.errors) == 2
