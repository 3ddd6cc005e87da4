"""Repairs on their pages: quoted at the desk, accepted by the dealer, reported on a phone."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import text

from tests import cast
from tests.files.acts import a_picture
from tests.races import together
from tests.repairs.acts import NINE, UNTIL, a_request, accepted, offered, repaired, visited

QUOTE = {
    "kind": ["labour", "part", "labour"],
    "sku": ["", cast.syringe.sku, ""],
    "text": ["更换滤网", "", ""],
    "quantity": ["２.5", "2", ""],
    "unit_price": ["199.99", "", ""],
    "tax_rate": ["6", "13", "13"],
    "valid_until": UNTIL.isoformat(),
    "note": "含上门",
    "revision": "0",
}
REPORT = {f"check-{one}": "ok" for one in range(1, 7)} | {
    "findings": "换了滤网",
    "result": "passed",
    "signed_name": "李医生",
    "signature": "[[10,10,50,60]]",
    "sku": [cast.syringe.sku, cast.syringe.sku],
    "lot": ["SY-EARLY", "SY-LATE"],
    "used": ["2", ""],
    "serials": ["", ""],
}
NOBODYS = "SV2611-00000000A"


def page(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


@pytest.fixture
def number(database):
    return a_request(database)


def test_a_quote_is_written_offered_and_accepted(sign_in, database, number):
    desk, dealer = sign_in(cast.service_desk), sign_in(cast.huadong.service)
    at = f"/hq/service-requests/{number}"
    assert f"{at}/repair" in page(desk, at)
    more = desk.post(f"{at}/quote", QUOTE | {"act": "rows"}).get_data(as_text=True)
    assert more.count('name="unit_price"') == 8 and "更换滤网" in more
    wrong = QUOTE | {"act": "offer", "quantity": ["x", "1.5", ""]}
    refused = desk.post(f"{at}/quote", wrong)
    shown = refused.get_data(as_text=True)
    assert refused.status_code == 422 and 'value="x"' in shown and 'value="1.5"' in shown
    assert desk.post(f"{at}/quote", QUOTE | {"act": "offer"}).status_code == 303
    path = f"/service-requests/{number}"
    assert f"{path}/repair" in page(dealer, path)
    shown = page(dealer, f"{path}/repair")
    assert "更换滤网" in shown and f"{path}/quote/acceptance" not in shown, "who may not order"
    assert ">6%<" in shown and ">13%<" in shown
    assert dealer.post(f"{path}/quote/acceptance", {"version": "1"}).status_code == 409
    dealer = sign_in(cast.huadong.buyer)
    assert f"{path}/quote/acceptance" in page(dealer, f"{path}/repair")
    of = repaired(database, number)
    form = {"version": "1", "revision": str(of.revision), "form_key": "once"}
    for _ in range(2):
        assert dealer.post(f"{path}/quote/acceptance", form).status_code == 303
    again = dealer.post(f"{path}/quote/refusal", {"version": "1", "reason": "嗯"})
    assert again.status_code == 409 and repaired(database, number).state == "accepted"


def test_a_report_is_filed_on_a_phone_once_and_nothing_typed_is_lost(sign_in, database, number):
    accepted(database, number, offered(database, number))
    visited(database, number)
    technician, other = sign_in(cast.technician), sign_in(cast.service_desk)
    day = NINE.astimezone(cast.ZONE).date().isoformat()
    path = f"/hq/service-requests/{number}/visits/1"
    assert path in page(technician, f"/hq/service/day?day={day}")
    assert path not in page(technician, "/hq/service/day?day=2020-01-01&show=all")
    shown = page(technician, path)
    assert "data-signature" in shown and shown.index("SY-EARLY") < shown.index("SY-LATE")
    report = REPORT | {"client_key": "phone-1", "findings": "换了<滤网>"}
    refused = technician.post(f"{path}/report", report | {"signed_name": ""})
    kept = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "换了&lt;滤网&gt;" in kept and "[[10,10,50,60]]" in kept
    assert 'value="phone-1"' in kept
    photo = {"files": (io.BytesIO(a_picture()), "pump.jpg")}
    assert technician.post(f"{path}/report", report | photo).status_code == 303
    second = other.post(f"{path}/report", report | {"client_key": "phone-2", "findings": "也看了"})
    shown = second.get_data(as_text=True)
    assert second.status_code == 409 and "也看了" in shown and "M10 10 L50 60" in shown
    dealer = page(sign_in(cast.huadong.service), f"/service-requests/{number}/repair")
    assert repaired(database, number).invoice_no in dealer and "M10 10 L50 60" in dealer
    assert "pump.jpg" in page(sign_in(cast.huadong.service), f"/service-requests/{number}")


def test_a_signed_report_that_a_phone_sends_twice_at_once_is_one(sign_in, database, owner, number):
    """What waited offline goes out by two connections: both are told the same, and one bill is posted."""
    accepted(database, number, offered(database, number))
    visited(database, number)
    path = f"/hq/service-requests/{number}/visits/1/report"
    report = REPORT | {"form_key": "offline", "client_key": "offline"}
    phones = [sign_in(cast.technician) for _ in range(2)]
    for phone in phones:
        page(phone, "/hq/service/day")
    answers = together(2, lambda place: phones[place].post(path, dict(report)))
    assert [(one.status_code, one.location) for one in answers] == [(303, path.removesuffix("/report"))] * 2
    counts = "SELECT (SELECT count(*) FROM repair_report), (SELECT count(*) FROM service_invoice)"
    assert tuple(owner.execute(text(counts)).one()) == (1, 1)


def test_a_rival_finds_nothing_and_decides_nothing(sign_in, database, number):
    offered(database, number)
    rival = sign_in(cast.yuegang.service)
    for path in ("/service-requests/{}/repair", "/service-requests/{}/quote/acceptance"):
        ask = rival.get if path.endswith("repair") else rival.post
        for one in (number, NOBODYS):
            assert ask(path.format(one)).status_code == 404
    assert rival.post(f"/service-requests/{number}/quote/refusal").status_code == 404
    assert repaired(database, number).state == "offered"
