"""The forms that are kept as drafts: what is kept of each, and how it comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from ...center.drafts import Draft
from ...errors import DmcError
from ...languages import gettext as _
from ...languages import isolate
from ...model.plan import Action, ImportPlan, single_plan_from_dict
from ..export_state import ExportState
from ..import_state import ImportState
from ..paths.form_path import FormPath
from ..policy_state import POLICY_TRAITS

_IMPORT_TRAITS: Final = (
    *("entity", "file_name", "pairs", "match", "reading", "scope", "new_sites"),
    *("allow_deletions", "name", *POLICY_TRAITS),
)
_EXPORT_TEXTS: Final = (
    *("format", "entity", "scope", "filter", "sort", "search", "for_version"),
    *("compression",),
)
_EXPORT_FLAGS: Final = ("include_headers", "guard_formulas")


class DraftedForm(Protocol):
    """A form that can be kept as a draft."""

    action: Action

    @property
    def installation(self) -> str:
        """The installation that it works on; empty for that of the page."""
        ...

    def watch(self, note_change: Callable[[Any], None]) -> None:
        """Call a function whenever something that is kept changes."""
        ...

    def is_begun(self) -> bool:
        """Return True once there is something to keep."""
        ...

    def describe(self) -> str:
        """Return in a few words what the form is about."""
        ...

    def values(self) -> dict[str, Any]:
        """Return the choices as plain data."""
        ...

    @property
    def file_name(self) -> str:
        """The name of the file; empty for none."""
        ...


class DraftedImport:
    """The import form.

    Args:
        form: The state of the form.
        path: Its steps.
    """

    action, installation = Action.IMPORT, ""

    def __init__(self, form: ImportState, path: FormPath) -> None:
        self._form, self._path = form, path

    def watch(self, note_change: Callable[[Any], None]) -> None:
        """Call a function whenever something that is kept changes."""
        self._form.observe(note_change, [*_IMPORT_TRAITS])
        self._path.observe(note_change, ["step"])

    def is_begun(self) -> bool:
        """Return True once there is a file or an entity type."""
        return bool(self._form.file_name or self._form.entity)

    def describe(self) -> str:
        """Return file and target: ``customers.csv → Customer``."""
        entity_type = self._form.entity_type
        target = entity_type.short_name if entity_type else "…"
        file_name = self._form.file_name or _("No file yet")
        return f"{isolate(file_name)} → {isolate(target)}"

    def values(self) -> dict[str, Any]:
        """Return the plan, where there is one yet, and the step."""
        return {"plan": self._plan(), "step": self._path.step}

    @property
    def file_name(self) -> str:
        """The name of the file; empty for none."""
        return str(self._form.file_name)

    def _plan(self) -> dict[str, Any] | None:
        try:
            return self._form.plan().as_dict() if self._form.entity else None
        except DmcError:  # a choice that cannot be read yet
            return None


class DraftedExport:
    """The export form. It holds no plan before it is complete, so traits are kept.

    Args:
        form: The state of the form.
        path: Its steps.
    """

    action, installation = Action.EXPORT, ""
    file_name = ""

    def __init__(self, form: ExportState, path: FormPath) -> None:
        self._form, self._path = form, path

    def watch(self, note_change: Callable[[Any], None]) -> None:
        """Call a function whenever something that is kept changes."""
        kept = (*_EXPORT_TEXTS, *_EXPORT_FLAGS, "excluded")
        self._form.observe(note_change, [*kept])
        self._path.observe(note_change, ["step"])

    def is_begun(self) -> bool:
        """Return True once there is an entity type, and more than a template says."""
        return bool(self._form.entity and not self._form.template)

    def describe(self) -> str:
        """Return entity type and format: ``Customer → CSV``."""
        entity_type = self._form.entity_type
        source = entity_type.short_name if entity_type else "…"
        return f"{isolate(source)} → {self._form.format}"

    def values(self) -> dict[str, Any]:
        """Return the choices and the step."""
        names = (*_EXPORT_TEXTS, *_EXPORT_FLAGS)
        chosen = {name: getattr(self._form, name) for name in names}
        excluded = [*self._form.excluded]
        return {"choices": {**chosen, "excluded": excluded}, "step": self._path.step}

    def restore(self, draft: Draft) -> None:
        """Set the form as it was, as far as the draft says it; then its step."""
        chosen = draft.values.get("choices", {})
        form = self._form
        for name in (*_EXPORT_TEXTS, *_EXPORT_FLAGS):
            if name in chosen:
                setattr(form, name, chosen[name])
        form.excluded = tuple(chosen.get("excluded", form.excluded))
        form.scope = chosen.get("scope", "")  # the entity type may have cleared it
        self._path.open_step(step_of_draft(draft, self._path))


def describe_draft(draft: Draft) -> str:
    """Return what a draft is about: ``Customer from Staging to Production``."""
    if "target" not in draft.values:
        return _("{title} in {installation}").format(
            title=draft.title, installation=draft.installation
        )
    source, target = draft.values["source"], draft.values["target"]
    return _("{title} from {source} to {target}").format(
        title=draft.title, source=source or "…", target=target or "…"
    )


def plan_of_draft(draft: Draft) -> ImportPlan | None:
    """Return the plan that a draft holds; None before an entity type was selected."""
    values = draft.values.get("plan")
    plan = single_plan_from_dict(values) if values else None
    return plan if isinstance(plan, ImportPlan) else None


def step_of_draft(draft: Draft, path: FormPath) -> str:
    """Return the step at which a draft was left."""
    step = str(draft.values.get("step", ""))
    return step if step in path.form_steps else path.form_steps[0]
