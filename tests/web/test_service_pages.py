"""Service requests on their pages: the dealer's, the desk's, the technician's."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests import cast
from tests.devices.acts import a_rule, in_register
from tests.files.acts import a_pdf
from tests.service.acts import a_team, asked, noted, opened, resolved, said, seen, taken


def english(sign_in, person):
    visitor = sign_in(person)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def dealer(sign_in):
    return english(sign_in, cast.huadong.service)


@pytest.fixture
def desk(sign_in):
    return english(sign_in, cast.service_desk)


@pytest.fixture
def technician(sign_in):
    return english(sign_in, cast.technician)


def page_of(response, status=200) -> str:
    page = response.get_data(as_text=True)
    assert response.status_code == status, page
    return page


def number_in(response) -> str:
    assert response.status_code == 303, response.get_data(as_text=True)
    return response.headers["Location"].rpartition("/")[2]


def test_a_repair_from_the_short_form_to_the_rating(dealer, desk, technician):
    assert "/service-requests/new?kind=repair" in page_of(dealer.get("/service-requests/new"))
    form = page_of(dealer.get("/service-requests/new?kind=repair&device=S-1"))
    assert 'value="S-1"' in form and 'name="order"' not in form and 'name="preferred_on"' in form
    sent = {"kind": "repair", "subject": "泵停机", "text": "运行一小时后\r\n停机", "stops_treatment": "1"}
    sent |= {"device": "S-1", "contact": "王工 13800000000"}
    photo = {"files": (io.BytesIO(a_pdf()), "photo.pdf")}
    number = number_in(dealer.post("/service-requests", sent | photo))
    shown = page_of(dealer.get(f"/service-requests/{number}"))
    assert "photo.pdf" in shown and "S-1" in shown and "Urgent" in shown
    address = f"/hq/service-requests/{number}"
    assert number in page_of(desk.get("/hq/service-requests?queue=unassigned"))
    assert number_in(technician.post(f"{address}/take")) == number
    question = {"how": "question", "text": "Which software?"}
    assert technician.post(f"{address}/messages", question).status_code == 303
    assert "We wait for your answer" in page_of(dealer.get(f"/service-requests/{number}"))
    assert "Service asks you" in page_of(dealer.get("/"))
    dealer.post(f"/service-requests/{number}/messages", {"text": "V2.1"})
    technician.post(f"{address}/messages", {"how": "resolution", "text": "Filter changed."})
    dealer.post(f"/service-requests/{number}/rating", {"stars": "4", "rating_text": "Quick."})
    dealer.post(f"/service-requests/{number}/closing")
    shown = page_of(desk.get(address))
    assert "4 of 5 stars" in shown and "V2.1" in shown and "Closed" in shown


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(dealer):
    sent = {"kind": "repair", "subject": " ", "text": "It stops.", "product": "NOPE", "preferred_on": "x"}
    page = page_of(dealer.post("/service-requests", sent), 422)
    assert 'id="field-preferred_on-error"' in page and "It stops." in page
    page = page_of(dealer.post("/service-requests", sent | {"preferred_on": ""}), 422)
    assert (
        'id="field-subject-error"' in page and 'id="field-product-error"' in page and 'value="NOPE"' in page
    )
    assert "What do you need?" in page_of(dealer.post("/service-requests", {"kind": "x"}), 422)


def test_a_device_is_told_as_soon_as_it_is_named_and_a_rivals_is_unknown(dealer, sign_in, database, given):
    a_rule(database, months=24)
    pump, other = (given.a_product(serial_controlled=True) for _ in range(2))
    since = cast.TODAY - timedelta(days=100)
    device = in_register(database, cast.huadong, pump, "PUMP-1", lot="L-1", since=since)
    said = page_of(dealer.fragment("/service-requests/device?device=pump-1"))
    assert "<html" not in said and f"/devices/{device}" in said
    assert all(word in said for word in (pump.sku, pump.name_en, "L-1", "Under warranty"))
    assert "<html" in page_of(dealer.get("/service-requests/device?device=PUMP-1"))
    rival = english(sign_in, cast.yuegang.service)
    unknown = page_of(rival.fragment("/service-requests/device?device=PUMP-1"))
    assert unknown == page_of(rival.fragment("/service-requests/device?device=NO-SUCH"))
    assert "We know no device of yours by this." in unknown
    in_register(database, cast.huadong, other, "PUMP-1", since=since)
    assert "Name the product too." in page_of(dealer.fragment("/service-requests/device?device=PUMP-1"))
    both = page_of(dealer.fragment(f"/service-requests/device?device=PUMP-1&product={other.sku}"))
    assert other.name_en in both and "L-1" not in both
    # From its own page it is named already, whatever is asked for.
    shown = page_of(dealer.get(f"/devices/{device}"))
    assert f"/service-requests/new?device=PUMP-1&amp;product={pump.sku}" in shown
    kinds = page_of(dealer.get(f"/service-requests/new?device=PUMP-1&product={pump.sku}"))
    assert f"kind=repair&amp;device=PUMP-1&amp;product={pump.sku}" in kinds
    assert dealer.get("/service-requests/device?device=" + "%00" + "9" * 900).status_code == 200


def test_an_internal_note_is_nowhere_for_the_dealer(dealer, technician, sign_in, database):
    number = opened(database)
    address = f"/hq/service-requests/{number}/messages"
    note = {"how": "note", "text": "Zebra: costs us a unit."}
    note |= {"files": (io.BytesIO(a_pdf("zebra")), "zebra.pdf")}
    assert technician.post(address, note).status_code == 303
    shown = page_of(technician.get(f"/hq/service-requests/{number}"))
    file = re.search(r'href="(/files/[^"]+)"', shown)[1]
    assert "costs us" in shown and technician.get(file).status_code == 200
    places = (
        f"/service-requests/{number}",
        "/service-requests?q=zebra",
        "/service-requests?export=csv",
        "/search?q=zebra",
        "/",
    )
    for place in places:
        page = page_of(dealer.get(place))
        assert "costs us" not in page and "zebra.pdf" not in page, place
    assert dealer.get(file).status_code == 404
    assert sign_in(cast.yuegang.service).get(f"/service-requests/{number}").status_code == 404


def test_the_board_has_the_company_and_what_is_mine(dealer, database):
    mine, colleagues = opened(database), opened(database, by=cast.huadong.buyer)
    rivals = opened(database, by=cast.yuegang.service)
    page = page_of(dealer.get("/service-requests?status=open"))
    assert mine in page and colleagues in page and rivals not in page
    page = page_of(dealer.get("/service-requests?status=open&whose=mine"))
    assert mine in page and colleagues not in page
    assert mine not in page_of(dealer.get("/service-requests?status=over"))
    found = page_of(dealer.get("/service-requests?q=pump"))
    assert mine in found
    assert mine in page_of(dealer.get(f"/search?q={mine}"))


def test_the_desk_assigns_sorts_and_merges_and_refusals_keep_what_was_typed(desk, database):
    a_team(database, (cast.technician, "", "", ""))
    number, other = opened(database), opened(database)
    address = f"/hq/service-requests/{number}"
    assert desk.post(f"{address}/assignment", {"assignee": "0", "revision": "1"}).status_code == 303
    assert seen(database, number).assignee_id == cast.technician.id
    stale = {"assignee": str(cast.service_desk.id), "revision": "1"}
    page_of(desk.post(f"{address}/assignment", stale), 409)
    revision = str(seen(database, number).revision)
    sort = {"kind": "installation", "severity": "high", "revision": revision}
    assert desk.post(f"{address}/sorting", sort).status_code == 303
    page = page_of(desk.post(f"{address}/merging", {"into": "SV-NONE"}), 422)
    assert 'value="SV-NONE"' in page and 'id="field-into-error"' in page
    assert desk.post(f"{address}/merging", {"into": other}).status_code == 303
    assert other in page_of(desk.get(address))
    page = page_of(desk.post(f"{address}/messages", {"how": "message", "text": "Too late"}), 409)
    assert "Too late" in page


def test_the_board_shows_open_requests_by_state(desk, database):
    number = opened(database)
    taken(database, number)
    page = page_of(desk.get("/hq/service-requests?view=board"))
    assert "column-in_progress" in page and number in page
    assert number in page_of(desk.get("/hq/service-requests?queue=in_progress"))


def test_a_technician_does_not_assign(technician, database):
    number = opened(database)
    form = {"assignee": str(cast.technician.id), "revision": "1"}
    assert technician.post(f"/hq/service-requests/{number}/assignment", form).status_code == 403
    assert technician.get("/hq/service/teams").status_code == 403


def test_teams_and_targets_are_set_on_their_pages(desk):
    row = {"person": [str(cast.technician.id), ""], "duty_kind": ["repair", ""]}
    row |= {"category": ["A02", ""], "region": ["31", ""]}
    team = {"team": "0", "revision": "0", "name_zh": "设备组", "name_en": "Devices", "lead": ""} | row
    assert desk.post("/hq/service/teams", team).status_code == 303
    assert "Devices" in page_of(desk.get("/hq/service/teams"))
    page = page_of(desk.post("/hq/service/teams", team | {"name_en": "", "person": ["999", ""]}), 422)
    assert 'id="name_en-0-error"' in page and 'class="row-trouble"' in page
    columns = ("target_kind", "target_severity", "first_answer_minutes", "resolution_minutes")
    rows = dict(zip(columns, (["repair"], ["urgent"], ["３０"], ["240"]), strict=True))
    form = {"revision": "1", "valid_from": str(cast.TODAY)} | rows
    assert desk.post("/hq/service/targets", form).status_code == 303
    assert 'value="30"' in page_of(desk.get("/hq/service/targets"))
    assert page_of(desk.post("/hq/service/targets", form | {"first_answer_minutes": ["31"]}), 409)
    wrong = form | {"revision": "2", "first_answer_minutes": ["999"], "valid_from": "2020-01-01"}
    page = page_of(desk.post("/hq/service/targets", wrong), 422)
    assert 'value="999"' in page and "valid_from-error" in page


def test_the_report_tells_how_promises_were_kept(desk, database, owner):
    number, late = opened(database), opened(database)
    said(database, number, by=cast.technician, at=cast.NOW + timedelta(minutes=1))
    resolved(database, number)
    owner.execute(
        text(
            "UPDATE service_request SET first_answer_due_at = asked_at - interval '1 hour' WHERE number = :n"
        ),
        {"n": late},
    )
    page = page_of(desk.get("/hq/service/report"))
    assert "Consultation" in page and "100%" in page
    assert page.count('aria-current="page"') == 1, "of the entries of one blueprint this page's alone"
    lines = desk.get("/hq/service/report?export=csv").get_data(as_text=True).splitlines()
    assert lines[1].split(",")[2:7] == ["2", "1", "1", "1", "0"]


def test_a_page_asks_the_database_as_often_for_a_long_conversation(dealer, database, count_statements):
    number = opened(database)
    page_of(dealer.get(f"/service-requests/{number}"))  # what a process asks once is not what a page costs
    with count_statements() as short:
        page_of(dealer.get(f"/service-requests/{number}"))
    for _ in range(5):
        said(database, number)
        noted(database, number)
        asked(database, number)
    with count_statements() as long:
        page_of(dealer.get(f"/service-requests/{number}"))
    assert long.work == short.work
