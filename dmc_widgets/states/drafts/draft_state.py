"""The draft of the import form: what is kept of it, and when."""

from __future__ import annotations

import time
import uuid
from typing import Any, Final

from traitlets import Bool, HasTraits, Int, Tuple

from ...center import Center
from ...center.drafts import Draft
from ...errors import DmcError, UnknownName
from ...languages import gettext as _
from ...languages import lazy
from ...model.plan import Action, ImportPlan, single_plan_from_dict
from ..dashboard_state import DashboardState
from ..import_state import ImportState
from ..paths.import_path import FORM_STEPS, ImportPath
from ..policy_state import POLICY_TRAITS

SAVE_AFTER_S: Final = 1.0
ELSEWHERE: Final = lazy(
    "This import was changed on another page, too. What is changed last is kept."
)
_TRAITS: Final = (
    *("entity", "file_name", "pairs", "match", "reading", "scope", "new_sites"),
    *("allow_deletions", "name", *POLICY_TRAITS),
)


class DraftState(HasTraits):
    """Keeps the import form as a draft, a moment after each change.

    Args:
        center: Keeps the drafts.
        form: The state of the import form.
        path: Its steps.
        dashboard: The state of the page.

    Attributes:
        is_kept: The form is kept; a form alone in a notebook is not.
        number: The number of the draft of the form; 0 for none.
        drafts: The drafts of the person, the latest first.
    """

    is_kept = Bool(False)
    number = Int(0)
    drafts = Tuple()

    def __init__(
        self,
        center: Center,
        form: ImportState,
        path: ImportPath,
        dashboard: DashboardState,
    ) -> None:
        super().__init__()
        self._center, self._form = center, form
        self._path, self._dashboard = path, dashboard
        self._page = uuid.uuid4().hex
        self._file_path: Any = None
        self._changed_at: float | None = None
        form.observe(self._note_change, [*_TRAITS])
        path.observe(self._note_change, ["step"])

    def load(self) -> None:
        """Read which drafts there are."""
        self.drafts = tuple(self._center.drafts.list()) if self.is_kept else ()

    def begin(self) -> None:
        """Leave the draft of the form for later, for an empty form."""
        self.save()
        self.number, self._file_path, self._changed_at = 0, None, None
        self.load()

    def forget_changes(self) -> None:
        """Take the form as it is now as unchanged."""
        self._changed_at = None

    def keep_upload(self, path: Any) -> Any:
        """Move an upload to the draft, which begins with it at the latest."""
        if not self.is_kept:
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
        if self._changed_at is None or not self.is_kept:
            return
        self._changed_at = None
        if not (form.file_name or form.entity or self.number):
            return
        self._require_number()
        self._tell_of_other_page()
        self._center.drafts.save(
            Draft(
                id=self.number,
                action=Action.IMPORT.value,
                title=self._describe(),
                installation=self._dashboard.installation,
                values={"plan": self._plan(), "step": self._path.step},
                file_name=form.file_name,
                path=self._file_path if form.file_name else None,
                page=self._page,
            )
        )

    def discard(self, number: int = 0) -> None:
        """Remove a draft, that of the form without a number."""
        number = number or self.number
        if number:
            self._center.drafts.discard(number)
        if number == self.number:
            self.number, self._file_path, self._changed_at = 0, None, None
        self.load()

    def adopt(self, draft: Draft) -> None:
        """Go on with a draft: its changes are stored in it again."""
        self.number, self._file_path = draft.id, draft.path
        self._changed_at = None

    def _require_number(self) -> None:
        if not self.number:
            self.number = self._center.drafts.add(
                Action.IMPORT.value, self._dashboard.installation, self._page
            )

    def _tell_of_other_page(self) -> None:
        try:
            stored = self._center.drafts.get(self.number)
        except UnknownName:
            return
        if stored.page not in {"", self._page}:
            self._dashboard.report_error(_(ELSEWHERE))

    def _plan(self) -> dict[str, Any] | None:
        try:
            return self._form.plan().as_dict() if self._form.entity else None
        except DmcError:  # a choice that cannot be read yet
            return None

    def _describe(self) -> str:
        entity_type = self._form.entity_type
        target = entity_type.short_name if entity_type else "…"
        file_name = self._form.file_name or _("No file yet")
        return f"{file_name} → {target}"

    def _note_change(self, _change: Any) -> None:
        if self.is_kept:
            self._changed_at = time.monotonic()


def plan_of_draft(draft: Draft) -> ImportPlan | None:
    """Return the plan that a draft holds; None before an entity type was selected."""
    values = draft.values.get("plan")
    plan = single_plan_from_dict(values) if values else None
    return plan if isinstance(plan, ImportPlan) else None


def step_of_draft(draft: Draft) -> str:
    """Return the step at which a draft was left."""
    step = str(draft.values.get("step", ""))
    return step if step in FORM_STEPS else FORM_STEPS[0]
