"""The export as a path: what each step says, what stands in the way, what it counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.center.browsing import MatchCount
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.filtering.match_count_state import describe_matches
from dmc_widgets.states.paths.export_path import ExportPath

CUSTOMER = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Customer"


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with dmc.open_center(tmp_path_factory.mktemp("workspace")) as center:
        yield center


@pytest.fixture
def session(center: Center) -> DashboardSession:
    session = DashboardSession(center)
    session.dashboard.installation = "Sample source"
    session.dashboard.page = DashboardPage.EXPORT
    session.load_entity_types()
    return session


def says(path: ExportPath) -> list[tuple[str, str, str]]:
    return [(step.label, step.status.value, step.note) for step in path.steps]


def test_an_empty_path_asks_for_an_entity_type(session: DashboardSession) -> None:
    path = session.export_path

    assert [blocker[:2] for blocker in path.blockers] == [("source", "entity")]
    assert not path.go_on()
    assert says(path)[:3] == [
        ("Source", "Open", ""),
        ("Fields", "Open", ""),
        ("Records", "Open", ""),
    ]


def test_each_blocker_leads_to_its_step(session: DashboardSession) -> None:
    """An export with defaults has none once an entity type is selected."""
    form, path = session.export_form, session.export_path
    form.entity = CUSTOMER
    assert not path.blockers
    assert says(path)[0] == ("Source", "Done", "Customer · CSV")

    form.select_none()
    form.filter, form.sort = "name eq", "name:up"

    assert [blocker[:2] for blocker in path.blockers] == [
        ("fields", "fields"),
        ("records", "filter"),
        ("records", "sort"),
    ]
    assert says(path)[1][1:] == ("Needs Attention", "0 of 19")
    form.select_required()
    assert form.selected == ("email", "name", "externalReferenceCode")
    form.select_all()
    assert path.blockers_of("fields") == ()


def test_records_are_counted_while_their_number_is_in_view(
    session: DashboardSession,
) -> None:
    """What the filter finds, of how many; and why there is no number."""
    form, count = session.export_form, session.match_count
    form.entity, form.filter = CUSTOMER, "newsletter eq true"
    count.refresh()
    assert (count.is_counting, count.count) == (False, None)

    count.is_in_view = True
    assert count.is_counting
    count.count_now()

    assert (count.is_counting, count.count) == (False, MatchCount(331, 800))
    assert says(session.export_path)[2] == ("Records", "Done", "331 of 800")
    form.filter_gap = "Nothing is entered yet for Name."
    count.refresh()
    assert (count.count, count.problem) == (None, "Nothing is entered yet for Name.")
    form.filter_gap = ""
    count.count_now()
    assert count.count == MatchCount(331, 800)
    form.filter = "unknown eq 1"
    count.count_now()
    assert count.count is None
    assert count.problem.startswith("There is no field to filter or sort by named")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (MatchCount(1_240, 20_000), "1,240 of 20,000 records match"),
        (MatchCount(1, 800), "1 of 800 records matches"),
        (MatchCount(0, 800), "0 of 800 records match"),
        (MatchCount(800, 800), "All 800 records are exported"),
        (MatchCount(1, 1), "1 record is exported"),
    ],
)
def test_a_count_is_a_sentence(count: MatchCount, text: str) -> None:
    assert describe_matches(count) == text
