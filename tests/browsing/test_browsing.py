"""Looking into an installation: the catalogue, pages of entries and their links."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center, OpenInstallation
from dmc_widgets.center.browsing import (
    InstallationKind,
    choose_columns,
    describe_place,
    format_entry_value,
    list_attachments,
)
from dmc_widgets.errors import InvalidQuery, NotSupported, UnknownName
from dmc_widgets.installations import ConnectOptions, connect
from dmc_widgets.model.access import Access
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Installation, Item
from dmc_widgets.testing.samples import field
from tests.factories import definition
from tests.sandbox.conftest import SETTINGS, run_sandbox

TICKET = definition(
    "Ticket",
    field("title", "Text", required=True),
    field(
        "file",
        "Attachment",
        settings={
            "acceptedFileExtensions": "txt",
            "fileSource": "userComputer",
            "maximumFileSize": 1,
        },
    ),
)
CUSTOMER = definition(
    "Customer",
    field("name", "Text"),
    objectRelationships=[
        {
            "name": "tickets",
            "label": {"en_US": "Tickets"},
            "type": "oneToMany",
            "objectDefinitionExternalReferenceCode1": "CUSTOMER",
            "objectDefinitionExternalReferenceCode2": "TICKET",
            "objectDefinitionName2": "Ticket",
        }
    ],
)
PARENT_CODE = "r_tickets_c_customerERC"


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with open_center(tmp_path_factory.mktemp("workspace")) as opened:
        yield opened


@pytest.fixture(scope="module")
def source(center: Center) -> Iterator[OpenInstallation]:
    with center.installations.connect("Sample source") as opened:
        yield opened


@pytest.fixture(params=["embedded", "server"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenInstallation]:
    """An installation with a customer and 45 tickets, embedded and over HTTP."""
    if request.param == "embedded":
        adapter = connect(f"sqlite:///{tmp_path / 'shop.db'}")
        _fill(adapter)
        with OpenInstallation(adapter, "shop") as opened:
            yield opened
        return
    with run_sandbox(tmp_path / "shop.db") as sandbox:
        access = Access(user=SETTINGS.user)
        options = ConnectOptions(access=access, secret=Secret(SETTINGS.password))
        adapter = connect(sandbox.url, options)
        _fill(adapter)
        with OpenInstallation(adapter, "shop") as opened:
            yield opened


def _fill(installation: Installation) -> None:
    _write(installation, "ObjectDefinition", [TICKET, CUSTOMER])
    _write(installation, "C_Customer", [{"externalReferenceCode": "C-1", "name": "A"}])
    content = b64encode(b"hello").decode()
    tickets: list[Item] = [
        {
            "externalReferenceCode": f"T-{number:02}",
            "title": f"Ticket {number:02}",
            PARENT_CODE: "C-1" if number <= 3 else "",
        }
        for number in range(1, 46)
    ]
    tickets[0]["file"] = {"name": "a.txt", "fileBase64": content}
    _write(installation, "C_Ticket", tickets)


def _write(installation: Installation, name: str, items: list[Item]) -> None:
    kinds = {kind.name: kind for kind in installation.entity_types()}
    batch = Batch(task=name, number=1, items=items, policy=Policy())
    outcomes = installation.write(kinds[name], batch)
    assert not [outcome for outcome in outcomes if outcome.problem]


def test_the_catalogue_has_labels_picklists_folders_and_relationships(
    source: OpenInstallation,
) -> None:
    """People see the names that they gave, not those of the interface."""
    catalogue = source.catalogue()

    assert [x.label for x in catalogue.objects] == ["Bicycle", "Customer", "Repair"]
    assert [x.name for x in catalogue.picklists][:2] == [
        "Bicycle Extras",
        "Bicycle Kinds",
    ]
    assert [x.label for x in catalogue.folders] == ["Bicycle Workshop"]
    assert [(x.source, x.name, x.target) for x in catalogue.relationships] == [
        ("BICYCLE", "repairs", "REPAIR"),
        ("CUSTOMER", "bicycles", "BICYCLE"),
        ("CUSTOMER", "referral", "CUSTOMER"),
    ]
    frame_number = catalogue.find_object("C_Bicycle").own_fields[0]
    assert (frame_number.label, frame_number.required, frame_number.unique) == (
        "Frame Number",
        True,
        True,
    )
    assert [(x.name, y.name) for x, y in catalogue.users_of("BICYCLE-KINDS")] == [
        ("Bicycle", "kind")
    ]


def test_an_unknown_object_names_the_known_ones(source: OpenInstallation) -> None:
    """A typing error is put right without another command."""
    with pytest.raises(UnknownName) as caught:
        source.catalogue().find_object("Bicicle")
    assert caught.value.known == ("Bicycle", "Customer", "Repair")


def test_a_page_holds_its_entries_and_the_total(shop: OpenInstallation) -> None:
    """The last page is shorter, and one after it is empty."""
    page = shop.page("Ticket", 3, 20, sort="title:asc")

    assert [item["title"] for item in page][:2] == ["Ticket 41", "Ticket 42"]
    assert (len(page), page.total, page.pages) == (5, 45, 3)
    assert len(shop.page("Ticket", 4, 20)) == 0


def test_a_page_is_filtered_sorted_and_searched(shop: OpenInstallation) -> None:
    """All of it happens in the installation."""
    page = shop.page("Ticket", filter="title ge 'Ticket 40'", sort="title:desc")

    assert [item["title"] for item in page][:2] == ["Ticket 45", "Ticket 44"]
    assert shop.page("Ticket", search="ticket 07").total == 1
    assert shop.count("Ticket", filter="title lt 'Ticket 04'") == 3


def test_a_filter_that_makes_no_sense_is_refused(shop: OpenInstallation) -> None:
    """The message is that of an export."""
    with pytest.raises(InvalidQuery):
        shop.page("Ticket", filter="title eq")


def test_definitions_have_pages_too(shop: OpenInstallation) -> None:
    """Documents are found like entries."""
    page = shop.page("ObjectDefinition", 1, 1, search="Cust")
    assert [item["name"] for item in page] == ["Customer"]
    assert page.total == 1


def test_links_lead_from_a_parent_to_its_children_and_back(
    shop: OpenInstallation,
) -> None:
    """Following a link is reading with its filter."""
    customer = shop.page("Customer").items[0]
    (children,) = shop.links("Customer", customer)

    tickets = shop.page(children.entity, filter=children.filter)
    assert tickets.total == 3

    (parent,) = shop.links("Ticket", tickets.items[0])
    assert (parent.kind, parent.entity, parent.codes) == (
        "parent",
        "C_Customer",
        ("C-1",),
    )
    assert shop.count(parent.entity, filter=parent.filter) == 1


def test_an_attachment_is_listed_and_opened(shop: OpenInstallation) -> None:
    """A list shows the file; its bytes are read only when they are wanted."""
    kind = shop.entity_type("Ticket")
    item = shop.page(kind, filter="externalReferenceCode eq 'T-01'").items[0]

    (found,) = list_attachments(kind, item)
    assert (found.field, found.name) == ("file", "a.txt")
    name, chunks = shop.open_attachment(kind, "T-01", "file")
    assert (name, b"".join(chunks)) == ("a.txt", b"hello")
    with pytest.raises(UnknownName):
        shop.open_attachment(kind, "T-02", "file")


def test_the_title_and_required_fields_are_the_first_columns(
    source: OpenInstallation,
) -> None:
    """A list of entries begins with what tells them apart."""
    columns = choose_columns(source.entity_type("Repair"), "title", limit=6)
    assert [column.name for column in columns] == [
        "title",
        "receivedAt",
        "state",
        "r_repairs_c_bicycleERC",
        "dateModified",
        "externalReferenceCode",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "Yes"),
        (False, "No"),
        ({"key": "road", "name": "Road"}, "Road"),
        ([{"key": "a", "name": "A"}, {"key": "b", "name": "B"}], "A, B"),
        ({"code": 0, "label": "approved"}, "approved"),
        ("2025-11-19T00:00:00.000Z", "2025-11-19"),
        ("<b>x</b>", "<b>x</b>"),
    ],
)
def test_values_are_shown_as_people_read_them(value: object, text: str) -> None:
    """Names instead of JSON; markup stays text."""
    assert format_entry_value(value) == text


@pytest.mark.parametrize(
    ("url", "place"),
    [
        (
            "sqlite:////srv/data/target.db",
            (InstallationKind.DATABASE, "target.db", "/srv/data"),
        ),
        (
            "https://ada:***@liferay.example.com:8443/portal/",
            (InstallationKind.SERVER, "liferay.example.com:8443", "/portal"),
        ),
        ("duckdb://lake", (InstallationKind.OTHER, "lake", "")),
    ],
)
def test_a_place_is_told_without_its_address(url: str, place: object) -> None:
    """No one has to read a URL to know what it is."""
    assert describe_place(url) == place


def test_an_installation_is_tested_used_and_removed(
    center: Center, tmp_path: Path
) -> None:
    """What is removed is the name; its database stays where it is."""
    path = tmp_path / "extra.db"
    center.installations.add("Extra", f"sqlite:///{path}")

    assert center.installations.test("Extra").objects == 0
    assert center.installations.use("Extra").tasks == 0
    center.installations.remove("Extra")
    with pytest.raises(UnknownName):
        center.installations["Extra"]
    assert path.exists()


def test_an_installation_that_a_running_task_uses_is_not_removed(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker would lose its way in the middle."""
    from dmc_widgets.center import installations
    from dmc_widgets.center.browsing import InstallationUse

    use = InstallationUse(tasks=1, unfinished=(7,))
    monkeypatch.setattr(installations, "find_use", lambda *_args: use)
    with pytest.raises(NotSupported) as caught:
        center.installations.remove("Sample target")
    assert str(caught.value) == (
        "Task 7 uses Sample target, and has not ended. Wait for its end, or cancel it."
    )
