"""Import tasks: posted once, found again by their mark, waited for.

A POST whose answer got lost is never just repeated. The task bears the mark of its
part as external reference code, and no server keeps two tasks of one code: so
whoever is in doubt asks for the task of that mark, and posts again only where there
is none. Should a late first POST arrive after all, one of the two is refused.
"""

from __future__ import annotations

import io
from typing import Final

from ...errors import InstallationError, Unreachable
from ...model.entity import DEFAULT_DELEGATE, EntityType
from ...model.strategies import ImportStrategy, Policy
from ...ports import Item
from .batches import Part, Ready
from .client import Client, Doubtful
from .faults import Answer
from .notes import Before, noted, packed
from .tasks import BATCH, ended, find, is_task, pace_of

_ZIP: Final = "application/zip"
_TURNED_AWAY: Final = frozenset({401, 403, 413})


class Lost(Exception):
    """Whether the task was made cannot be found out now.

    Args:
        fault: Why not.
    """

    def __init__(self, fault: InstallationError) -> None:
        super().__init__(str(fault))
        self.fault = fault


class ImportTasks:
    """Makes import tasks of one entity type, and asks what became of them.

    Args:
        client: Of the server.
        entity_type: Of the items.
        policy: Of the batch.
    """

    def __init__(self, client: Client, entity_type: EntityType, policy: Policy) -> None:
        self._client = client
        self._type = entity_type
        self._policy = policy
        self._pace = pace_of(client)

    def with_policy(self, policy: Policy) -> ImportTasks:
        """Return the same with other strategies."""
        return ImportTasks(self._client, self._type, policy)

    def find(self, mark: str) -> Item | None:
        """Return the task that bears *mark*; None if the server has none."""
        return find(self._client, mark)

    def post(self, part: Part, sent: tuple[Ready, ...], before: Before) -> Item:
        """Make the task of a part, or find it made.

        Args:
            part: Bears mark and site.
            sent: The items of the part that are to be sent.
            before: What was stored before; it is noted in the task.

        Raises:
            Lost: It may have been made or not.
            InstallationError: It was not made.
        """
        path = f"{BATCH}/import-task/{self._type.class_name}"
        keys = [each.key for each in part.items]
        body = packed([each.line for each in sent], keys, before)
        options = {
            "params": self._params(part),
            "files": {"file": ("batch.zip", body, _ZIP)},
        }
        limits = self._client.limits
        for number in range(1, limits.tries + 1):
            try:
                answer = self._client.ask("POST", path, **options)
            except Doubtful as doubt:
                self._client.patience.pause(limits.wait_s * number)
                fault = doubt.fault
            else:
                task = answer.json()
                if answer.is_good and is_task(task):
                    return dict(task)
                fault = self._client.fault(answer)
                if _is_turned_away(answer):
                    break
            found = self._found(part.mark)
            if found is not None:
                return found
            if not isinstance(fault, Unreachable):
                break
        raise fault

    def wait(self, task: Item) -> Item | None:
        """Wait for the end of a task; None where it makes no progress any more.

        Raises:
            Lost: The server does not tell any more.
        """
        try:
            return ended(self._client, task, "import-task", self._pace)
        except InstallationError as exc:
            raise Lost(exc) from exc

    def note_of(self, task: Item, part: Part) -> dict[str, str] | None:
        """Read what was noted in a task that has ended; None if nothing was.

        Raises:
            Lost: The server does not tell any more.
        """
        path = f"{BATCH}/import-task/{task['id']}/content"
        buffer = io.BytesIO()
        try:
            answer = self._client.download(path, buffer)
        except InstallationError as exc:
            raise Lost(exc) from exc
        keys = [each.key for each in part.items]
        return noted(buffer.getvalue(), keys) if answer.is_good else None

    def _found(self, mark: str) -> Item | None:
        try:
            return self.find(mark)
        except InstallationError as exc:
            raise Lost(exc) from exc

    def _params(self, part: Part) -> dict[str, str]:
        """Say everything; what is left out means something else on each server.

        *Only Update Records* goes as an upsert of the items that were found: older
        servers update by id alone, and put what has no id.
        """
        adds = self._policy.on_existing is ImportStrategy.INSERT
        params = {
            "createStrategy": "INSERT" if adds else "UPSERT",
            "externalReferenceCode": part.mark,
            "importStrategy": self._policy.on_error.value,
            "updateStrategy": self._policy.on_update.value,
        }
        if self._type.delegate != DEFAULT_DELEGATE:
            params["taskItemDelegateName"] = self._type.delegate
        if part.site:
            params["scopeKey"] = part.site
        return params


def _is_turned_away(answer: Answer) -> bool:
    """Say whether an answer comes from before the batch engine, which saw nothing.

    To ask for the task would bring the same answer, and leave in doubt what is not.
    """
    return answer.status in _TURNED_AWAY or 300 <= answer.status < 400
