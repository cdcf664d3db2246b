"""The object browser without a front end: what is in view, and where links lead."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center, OpenInstallation
from dmc_widgets.errors import Unreachable
from dmc_widgets.states.browsing import ObjectBrowsing, Subject
from dmc_widgets.states.dashboard_state import DashboardState
from dmc_widgets.widgets.browsing import ObjectBrowser
from dmc_widgets.widgets.parts.guard import Guard

SOURCE = "Sample source"


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with open_center(tmp_path_factory.mktemp("workspace")) as opened:
        yield opened


@pytest.fixture
def browser(center: Center) -> Iterator[ObjectBrowser]:
    browsing = ObjectBrowsing(center.installations.connect)
    yield ObjectBrowser(browsing, Guard(DashboardState()), prefix="#/objects")
    browsing.close()


def _await(browser: ObjectBrowser, is_done: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not is_done():
        assert time.monotonic() < end, browser.browsing.state
        browser.tick()
        time.sleep(0.01)


def _open(browser: ObjectBrowser, *parts: str) -> None:
    browser.browsing.open((SOURCE, *parts))
    state = browser.browsing.state
    _await(browser, lambda: state.catalogue and not state.is_loading)


@pytest.mark.parametrize(
    ("parts", "subject"),
    [
        ((), Subject()),
        (("C_Ticket",), Subject("object", "C_Ticket")),
        (("C_Ticket", "entry", "T/1"), Subject("entry", "C_Ticket", "T/1")),
        (("C_Ticket", "where", "a eq 1"), Subject("object", "C_Ticket", "", "a eq 1")),
        (("picklist", "KINDS"), Subject("picklist", "KINDS")),
    ],
)
def test_a_subject_has_an_address(parts: tuple[str, ...], subject: Subject) -> None:
    """It can be kept, sent to a colleague and opened again."""
    assert Subject.parse(parts) == subject
    assert subject.parts == parts


def test_an_address_of_something_else_is_the_overview() -> None:
    """Anybody may have written it."""
    assert Subject.parse(("a", "b", "c", "d")) == Subject()


def test_the_index_lists_objects_by_folder_with_their_numbers(
    browser: ObjectBrowser,
) -> None:
    """Labels of people, and how many entries there are of each."""
    _open(browser)
    state = browser.browsing.state
    _await(browser, lambda: len(state.counts) == 3)

    groups = browser.index.groups
    assert [group["title"] for group in groups] == ["", "Bicycle Workshop", "Picklists"]
    shown = [(item["label"], item["detail"]) for item in groups[1]["items"]]
    assert shown == [("Bicycle", "1,200"), ("Customer", "800"), ("Repair", "2,500")]
    assert groups[1]["items"][0]["href"] == "#/objects/Sample%20source/C_Bicycle"


def test_entries_are_read_page_by_page(browser: ObjectBrowser) -> None:
    """The table asks for what it shows, in the order that is chosen."""
    _open(browser, "C_Customer")
    table = browser.panels["object"].entries.table
    assert table.page["total"] == 800
    assert len(table.page["rows"]) == 20

    view = {"limit": 10, "sort": ["email", True], "query": "customer7"}
    for offset in (0, 40):
        asked = {"kind": "ask", "view": {**view, "request": "1", "offset": offset}}
        table.simulate_message(asked)
        _await(browser, lambda: not browser.browsing.pages.is_loading)
    assert table.page["total"] == 111
    assert table.page["rows"][0]["email"] == "customer764@example.com"


def test_a_link_leads_to_the_entry_and_on_to_its_children(
    browser: ObjectBrowser,
) -> None:
    """From a bicycle to its repairs, as from the verified import to what it holds."""
    _open(browser, "C_Bicycle")
    table = browser.panels["object"].entries.table
    row = table.page["rows"][0]
    assert [label for _, label in row["menu"]] == [
        "Show Entry",
        "Customer CUSTOMER-00035",
        "Repair of This Entry",
    ]

    table.simulate_message({"kind": "link", "key": row["key"]})
    state = browser.browsing.state
    _await(browser, lambda: state.entry)
    assert state.entry is not None
    assert [(x.label, x.text) for x in state.entry.related][1] == (
        "Repair (Repairs)",
        "4 entries",
    )

    children = browser.panels["entry"].related.groups[0]["items"][1]
    browser.panels["entry"].related.simulate_message(
        {"kind": "link", "key": children["key"]}
    )
    _await(browser, lambda: state.entry_type and not state.is_loading)
    assert state.subject.filter == "r_repairs_c_bicycleERC eq 'BICYCLE-00001'"
    assert browser.panels["object"].entries.table.page["total"] == 4


def test_a_filter_that_cannot_be_read_is_refused_beside_it(
    browser: ObjectBrowser,
) -> None:
    """The entries stay; the reason is said where it was typed."""
    _open(browser, "C_Customer")
    entries = browser.panels["object"].entries
    entries.filter.value = "email eq"
    entries.apply.click()
    assert 'role="alert"' in entries.error.value

    entries.filter.value = "newsletter eq true"
    entries.apply.click()
    assert browser.browsing.state.subject.filter == "newsletter eq true"


def test_a_picklist_names_the_fields_that_use_it(browser: ObjectBrowser) -> None:
    """Who changes it knows what changes with it."""
    _open(browser, "picklist", "BICYCLE-KINDS")
    panel = browser.panels["picklist"]
    assert [x["name"] for x in panel.table.page["rows"]][:2] == ["City", "Trekking"]
    assert panel.users.groups[0]["items"][0]["label"] == "Bicycle: Kind"


def test_the_graph_links_objects(browser: ObjectBrowser) -> None:
    """Its nodes are links, and the list beside it says the same in words."""
    _open(browser)
    panel = browser.panels["overview"]
    assert [node["label"] for node in panel.graph.graph["nodes"]] == [
        "Customer",
        "Bicycle",
        "Repair",
    ]
    words = [item["label"] for item in panel.relationships.groups[0]["items"]]
    assert words[1] == (
        "Customer → Bicycle: Bicycles (one to many; a parent with some cannot be "
        "deleted)"
    )
    panel.graph.simulate_message({"kind": "link", "key": "C_Repair"})
    assert browser.browsing.state.subject == Subject("object", "C_Repair")


def test_what_is_not_there_is_said(browser: ObjectBrowser) -> None:
    """A bookmark may be older than the installation."""
    _open(browser, "C_Gone")
    assert "There is no object C_Gone in Sample source." in browser.problem.value


def test_an_installation_that_does_not_answer_is_asked_again_when_it_is_opened() -> (
    None
):
    """The page says why, and stays usable."""

    def refuse(name: str) -> OpenInstallation:
        raise Unreachable(name, reason="It does not answer.")

    browsing = ObjectBrowsing(refuse)
    browser = ObjectBrowser(browsing, Guard(DashboardState()))
    browsing.open(("Live",))
    _await(browser, lambda: browsing.state.problem)
    assert "It does not answer." in browser.problem.value
    browsing.open(("Live",))
    assert browsing.state.problem == "" or not browsing.state.is_loading
    browsing.close()


def test_markup_in_names_is_text(browser: ObjectBrowser) -> None:
    """What comes from an installation is escaped."""
    browser.browsing.open((SOURCE, "<img src=x>"))
    _await(browser, lambda: browser.browsing.state.catalogue)
    assert "<img" not in browser.problem.value
