"""Complaints and adverse events on their pages: the dealer's tick, quality's way to the submitted report."""

from __future__ import annotations

import pytest

from tests import cast
from tests.complaints.acts import REPORT, a_complaint, a_triage, an_event, told, triaged, written


def english(sign_in, person):
    visitor = sign_in(person)
    visitor.post("/locale/en")
    return visitor


def page_of(response, status=200) -> str:
    page = response.get_data(as_text=True)
    assert response.status_code == status, page
    return page


@pytest.fixture
def quality(sign_in):
    return english(sign_in, cast.quality)


def test_from_the_dealers_tick_to_the_submitted_report(sign_in, quality, database):
    dealer = english(sign_in, cast.huadong.service)
    sent = {"kind": "complaint", "subject": "Stent broke", "text": "It broke.", "somebody_harmed": "1"}
    number = dealer.post("/service-requests", sent).headers["Location"].rpartition("/")[2]
    told(database, number)
    assert number in page_of(quality.get("/hq/adverse-events?which=running"))
    assert "Adverse events to report" in page_of(quality.get("/hq/"))
    address = f"/hq/adverse-events/{number}"
    assert "It broke." in page_of(quality.get(f"{address}/report")), "the form knows what was told"
    page = page_of(quality.post(f"{address}/report", REPORT | {"event_on": "x"}), 422)
    assert 'id="field-event_on-error"' in page and REPORT["hospital"] in page
    assert quality.post(f"{address}/report", REPORT | {"revision": "1"}).status_code == 303
    assert "It is submitted" not in page_of(quality.get(address)), "who wrote it does not submit it"
    colleague = english(sign_in, cast.quality_colleague)
    said = {"submitted_on": cast.TODAY.isoformat(), "reference": "3101-1", "revision": "2"}
    refused = quality.post(f"{address}/submission", said)
    assert refused.status_code == 409
    assert colleague.post(f"{address}/submission", said).status_code == 303
    assert "3101-1" in page_of(quality.get(address))
    paper = quality.get(f"{address}/papers/1.pdf?locale=en")
    assert paper.status_code == 200 and paper.data.startswith(b"%PDF")


def test_a_complaint_is_triaged_handled_and_closed(sign_in, quality, database):
    number = a_complaint(database)
    address = f"/hq/complaints/{number}"
    assert number in page_of(quality.get("/hq/complaints?status=triage"))
    form = {"revision": "0", "category": "quality", "grade": "major", "possible_event": "no"}
    page = page_of(quality.post(f"{address}/triage", form), 422)
    assert 'id="field-event_reason-error"' in page
    form |= {"event_reason": "Nobody was hurt.", "stop_use": "Use no more of lot L-1."}
    assert quality.post(f"{address}/triage", form).status_code == 303
    answer = {"cause": "SECRET weld", "measure": "Lot blocked", "answer": "We replace it", "revision": "1"}
    answer |= {"told_how": "Mail", "told_at": "2026-11-20T10:00"}
    assert quality.post(f"{address}/handling", answer).status_code == 303
    assert "20 Nov 2026 10:00" in page_of(quality.get(address)), "who wrote what says it in words"
    closing = answer | {"act": "close"}
    assert quality.post(f"{address}/handling", closing).status_code == 409, "another tab"
    unsaid = page_of(quality.post(f"{address}/handling", closing | {"revision": "2", "cause": ""}), 422)
    assert 'id="field-cause-error"' in unsaid and "We replace it" in unsaid
    assert "SECRET weld" in page_of(quality.get(address)), "nothing of what is refused is kept"
    assert quality.post(f"{address}/handling", closing | {"revision": "2"}).status_code == 303
    shown = page_of(english(sign_in, cast.huadong.boss).get(f"/service-requests/{number}"))
    assert "We replace it" in shown and "Use no more of lot L-1." in shown and "SECRET" not in shown
    assert "Look at the complaint" in page_of(quality.get(f"/hq/service-requests/{number}"))


def test_the_lot_of_a_complaint_is_looked_up_where_it_is_named(quality, database):
    about = {"product": cast.gloves.sku, "lot": "L-9"}
    first, second = (a_complaint(database, **about) for _ in range(2))
    page = page_of(quality.get(f"/hq/complaints/{first}"))
    assert "2 complaints about this lot" in page and "/hq/complaints?q=L-9" in page
    assert "Signal<" not in page and "Next to triage" not in page, "this one first"
    a_complaint(database, product=cast.gloves.sku, lot="L-8")
    third = a_complaint(database, **about)
    triaged(database, first, a_triage(**about))
    page = page_of(quality.get(f"/hq/complaints/{first}"))
    assert "3 complaints about this lot" in page and "Signal<" in page
    assert f'href="/hq/complaints/{second}"' in page, "the one that waits longest"
    assert f"/hq/complaints/{third}" not in page


def test_patients_are_masked_for_who_is_not_of_quality(sign_in, database):
    number = an_event(database)
    written(database, number)
    desk = english(sign_in, cast.service_desk)
    shown = page_of(desk.get(f"/hq/adverse-events/{number}"))
    assert "WXM" not in shown and "***" in shown
    assert desk.get(f"/hq/adverse-events/{number}/papers/1.pdf").status_code == 403
    assert "WXM" not in page_of(desk.get("/hq/adverse-events"))


def test_lots_and_terms(quality, database):
    for _ in range(3):
        a_complaint(database, product=cast.gloves.sku, lot="L-9")
    triaged(database, a_complaint(database))
    assert "Signal" in page_of(quality.get("/hq/complaint-lots"))
    assert "Lots with many complaints" in page_of(quality.get("/hq/"))
    page = page_of(quality.get("/hq/complaint-lots/terms"))
    assert 'name="death-amount"' in page
    names = ("death", "serious", "other", "group", "group_notice", "trend_days", "trend_count")
    sent = {"revision": "1", "valid_from": cast.TODAY.isoformat()}
    for name in names:
        sent |= {f"{name}-amount": "5", f"{name}-warn_first": "50", f"{name}-warn_last": "80"}
        sent |= {f"{name}-unit": {"trend_count": "complaint"}.get(name, "day")}
    wrong = page_of(quality.post("/hq/complaint-lots/terms", sent | {"death-amount": "0"}), 422)
    assert 'id="field-death-amount-error"' in wrong
    assert quality.post("/hq/complaint-lots/terms", sent).status_code == 303
    assert quality.post("/hq/complaint-lots/terms", sent).status_code == 409


def test_the_file_of_complaints_says_where_each_adverse_event_stands(quality, database):
    plain, harmed = a_complaint(database), an_event(database)
    rows = page_of(quality.get("/hq/complaints?export=csv")).splitlines()
    place = rows[0].lstrip("\ufeff").split(",").index("Adverse event")
    told = {row.split(",")[0]: row.split(",")[place] for row in rows[1:]}
    assert told[harmed] == "To be reported" and told[plain] == ""
