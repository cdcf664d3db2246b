"""The draft of a form: when it is kept, and which draft it is."""

from __future__ import annotations

import time
import uuid
from typing import Any, Final

from traitlets import Bool, HasTraits, Int, Tuple

from ...center import Center
from ...center.drafts import Draft
from ...errors import UnknownName
from ...languages import lazy, resolve
from ..dashboard_state import DashboardState
from .drafted_forms import DraftedForm

SAVE_AFTER_S: Final = 1.0
ELSEWHERE: Final = lazy(
    "This form was changed on another page, too. What is changed last is kept."
)


class DraftListState(HasTraits):
    """The forms in progress of a person.

    Args:
        center: Keeps the drafts.

    Attributes:
        is_kept: Forms are kept; one alone in a notebook is not.
        drafts: The drafts of the person, the latest first.
    """

    is_kept = Bool(False)
    drafts = Tuple()

    def __init__(self, center: Center) -> None:
        super().__init__()
        self._center = center

    def load(self) -> None:
        """Read which drafts there are."""
        self.drafts = tuple(self._center.drafts.list()) if self.is_kept else ()

    def discard(self, number: int) -> None:
        """Remove a draft that is open in no form of this page."""
        self._center.drafts.discard(number)
        self.load()


class DraftState(HasTraits):
    """Keeps a form as a draft, a moment after each change.

    Args:
        center: Keeps the drafts.
        form: What is kept of the form.
        dashboard: The state of the page.
        listed: The list of all drafts.

    Attributes:
        number: The number of the draft of the form; 0 for none.
    """

    number = Int(0)

    def __init__(
        self,
        center: Center,
        form: DraftedForm,
        dashboard: DashboardState,
        listed: DraftListState,
    ) -> None:
        super().__init__()
        self._center, self._form = center, form
        self._dashboard, self._listed = dashboard, listed
        self._page = uuid.uuid4().hex
        self._file_path: Any = None
        self._changed_at: float | None = None
        form.watch(self._note_change)

    def begin(self) -> None:
        """Leave the draft of the form for later, for an empty form."""
        self.save()
        self.number, self._file_path, self._changed_at = 0, None, None
        self._listed.load()

    def forget_changes(self) -> None:
        """Take the form as it is now as unchanged."""
        self._changed_at = None

    def keep_upload(self, path: Any) -> Any:
        """Move an upload to the draft, which begins with it at the latest."""
        if not self._listed.is_kept:
            return path
        self._require_number()
        self._file_path = self._center.drafts.keep_upload(self.number, path)
        return self._file_path

    def refer_to(self, path: Any) -> None:
        """Let the draft begin with a file that stays where it is."""
        self._file_path = path

    def drop_file(self) -> None:
        """Remove the file of the draft: the person has cleared it."""
        if self.number:
            self._center.drafts.drop_file(self.number)
        self._file_path = None

    def save_when_due(self) -> None:
        """Store the form a moment after the last change; the poller calls this."""
        changed_at = self._changed_at
        if changed_at is not None and time.monotonic() - changed_at >= SAVE_AFTER_S:
            self.save()

    def save(self) -> None:
        """Store the form if it has changed since it was stored."""
        form = self._form
        if self._changed_at is None or not self._listed.is_kept:
            return
        self._changed_at = None
        if not (form.is_begun() or self.number):
            return
        self._require_number()
        self._tell_of_other_page()
        self._center.drafts.save(
            Draft(
                id=self.number,
                action=form.action.value,
                title=form.describe(),
                installation=self._name_installation(),
                values=form.values(),
                file_name=form.file_name,
                path=self._file_path if form.file_name else None,
                page=self._page,
            )
        )

    def discard(self) -> None:
        """Remove the draft of the form."""
        if self.number:
            self._center.drafts.discard(self.number)
        self.number, self._file_path, self._changed_at = 0, None, None
        self._listed.load()

    def adopt(self, draft: Draft) -> None:
        """Go on with a draft: its changes are stored in it again."""
        self.number, self._file_path = draft.id, draft.path
        self._changed_at = None

    def _require_number(self) -> None:
        if not self.number:
            self.number = self._center.drafts.add(
                self._form.action.value, self._name_installation(), self._page
            )

    def _name_installation(self) -> str:
        return self._form.installation or self._dashboard.installation

    def _tell_of_other_page(self) -> None:
        try:
            stored = self._center.drafts.get(self.number)
        except UnknownName:
            return
        if stored.page not in {"", self._page}:
            self._dashboard.report_error(resolve(ELSEWHERE))

    def _note_change(self, _change: Any) -> None:
        if self._listed.is_kept:
            self._changed_at = time.monotonic()
