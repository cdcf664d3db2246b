"""Templates are renamed, duplicated, looked into, and taken from place to place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, NameTaken
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ExportPlan, ImportPlan
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.template_list import TemplateList

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"


@pytest.fixture
def listed(page: Dashboard, center: Center) -> Iterator[TemplateList]:
    mapping = Mapping([FieldMapping("Titel", "title")])
    center.templates.save("Weekly", ImportPlan(entity_type=TICKET, mapping=mapping))
    center.templates.save("<b>", ExportPlan(entity_type=TICKET, format="CSV"))
    page.session.load_templates()
    yield page.template_list
    for template in center.templates.list():
        center.templates.delete(template.name)


def names(listed: TemplateList) -> list[str]:
    return [row["name"] for row in listed.table.page["rows"]]


def act(listed: TemplateList, name: str, action: str) -> None:
    listed.table.simulate_message({"kind": "action", "key": name, "action": action})


def test_template_gets_another_name(listed: TemplateList) -> None:
    act(listed, "Weekly", "Rename")
    assert (listed.rename.layout.display, listed.rename.name.value) == (None, "Weekly")
    listed.rename.name.value = "Monthly"
    listed.rename.save.click()

    assert names(listed) == ["<b>", "Monthly"]
    assert listed.rename.layout.display == "none"


def test_name_that_is_taken_is_refused(page: Dashboard, listed: TemplateList) -> None:
    act(listed, "Weekly", "Rename")
    listed.rename.name.value = "<b>"
    listed.rename.save.click()

    assert page.session.dashboard.message is not None
    assert names(listed) == ["<b>", "Weekly"]


def test_copy_gets_a_name_of_its_own(center: Center, listed: TemplateList) -> None:
    act(listed, "Weekly", "Duplicate")
    act(listed, "Weekly", "Duplicate")

    copies = ["<b>", "Weekly", "Weekly (Copy 2)", "Weekly (Copy)"]
    assert sorted(names(listed)) == copies
    assert center.templates.get("Weekly (Copy)").plan == (
        center.templates.get("Weekly").plan
    )


def test_content_is_shown_as_text(listed: TemplateList) -> None:
    act(listed, "<b>", "Show Content")

    assert "<dd>&lt;b&gt;</dd>" in listed.content.content.value
    assert "<dt>Export File Format</dt><dd>CSV</dd>" in listed.content.content.value


@pytest.mark.parametrize("name", ["templates.yaml", "templates.json"])
def test_templates_come_back_from_their_file(
    center: Center, listed: TemplateList, name: str
) -> None:
    before = [(one.name, one.plan) for one in center.templates.list()]
    listed.table.selected = ("Weekly", "<b>")
    _, pieces = listed.download.open_file()
    text = b"".join(pieces)
    if name.endswith(".json"):
        text = center.templates.write(["Weekly", "<b>"], name).encode()
    for template in center.templates.list():
        center.templates.delete(template.name)

    listed.upload.simulate_upload(name, text)
    assert [(one.name, one.plan) for one in center.templates.list()] == before


def test_file_with_a_taken_name_changes_nothing_unless_it_may(
    page: Dashboard, center: Center, listed: TemplateList
) -> None:
    text = center.templates.write(["Weekly"], "x.yaml").replace("Titel", "Name")
    listed.upload.simulate_upload("x.yaml", text.encode())
    message = page.session.dashboard.message
    assert message is not None
    assert "'Weekly'" in message.text
    listed.replace.value = True
    listed.upload.simulate_upload("x.yaml", text.encode())

    plan = center.templates.get("Weekly").plan
    assert isinstance(plan, ImportPlan)
    assert plan.mapping.pairs[0].source == "Name"
    assert center.templates.get("Weekly").modified


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("templates: []", "It holds no templates"),
        ("- 1", "It holds no templates"),
        ("templates: [{name: x}]", "Template 1 is not complete: 'plan'"),
        ("templates: [{name: x, plan: 3}]", "Template 1 needs a name and a plan"),
        ("templates: [{name: x, plan: {}}]", "not a plan that can be read"),
        ("templates: &a [*a]", "x.yaml"),
    ],
)
def test_other_files_are_refused_with_the_reason(
    center: Center, tmp_path_factory: pytest.TempPathFactory, text: str, reason: str
) -> None:
    path = tmp_path_factory.mktemp("files") / "x.yaml"
    path.write_text(text)

    with pytest.raises(InvalidPlan, match=reason):
        center.templates.read(path)


def test_use_is_remembered(center: Center, listed: TemplateList) -> None:
    assert center.templates.get("Weekly").used == ""
    center.templates.use("Weekly")

    assert center.templates.get("Weekly").used
    with pytest.raises(NameTaken):
        center.templates.rename("Weekly", "<b>")
    assert names(listed) == ["<b>", "Weekly"]
