"""Repairs through the API: a dealer's system decides, headquarters' does the work, a rival finds nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.service.vocabulary import ServiceRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.repairs.acts import NINE, UNTIL
from tests.service.acts import a_team

BODY = {"kind": "repair", "subject": "Pump stops", "text": "After an hour."}
LINES = [
    {"kind": "labour", "text": "Work", "units": "2.5", "unit_price": "199.99", "tax_rate": "0.06"},
    {"kind": "part", "sku": cast.syringe.sku, "units": "2"},
]
QUOTE = {"lines": LINES, "valid_until": UNTIL.isoformat()}


@pytest.fixture
def desk(system):
    return system(ServiceRight.DESK)


def moment(at):
    return at.isoformat().replace("+00:00", "Z")


def test_a_repair_goes_from_the_quote_to_the_invoice(database, huadong, rival, desk):
    number = kept(huadong.post("/service-requests", BODY))["number"]
    path, at_desk = f"/service-requests/{number}", f"/hq/service-requests/{number}"
    refused(huadong.get(f"{path}/repair"), 404)
    wrong = {"lines": [{"kind": "labour", "units": "0"}], "valid_until": "2020-01-01"}
    assert faults(desk.post(f"{at_desk}/quote", wrong)).keys() >= {"/valid_until", "/lines/0/units"}
    quoted = kept(desk.post(f"{at_desk}/quote", QUOTE))
    assert (quoted["state"], quoted["quotes"][0]["state"]) == ("offered", "offered")
    for act in ("acceptance", "refusal"):
        refused(rival.post(f"{path}/quote/{act}", {"version": 1}), 404)
    refused(rival.get(f"{path}/repair"), 404)
    kept(huadong.post(f"{path}/quote/refusal", {"version": 1, "reason": "Too dear."}))
    refused(huadong.post(f"{path}/quote/acceptance", {"version": 1}), 409, "quote_declined")
    assert kept(desk.post(f"{at_desk}/quote", QUOTE | {"offer": False}))["state"] == "quoting"
    kept(desk.post(f"{at_desk}/quote", QUOTE))
    kept(desk.post(f"{at_desk}/quote/withdrawal"))
    kept(desk.post(f"{at_desk}/quote", QUOTE))
    taken = kept(huadong.post(f"{path}/quote/acceptance", {"version": 4}))
    assert taken["parts"] == [{"product": cast.syringe.sku, "quantity": 2, "reserved": 2, "used": 0}]
    a_team(database, (cast.technician, "", "", ""))
    visit = {"technician": cast.technician.email, "address": "Renmin Road 1"}
    times = {"starts_at": moment(NINE), "ends_at": moment(NINE + timedelta(hours=2))}
    kept(desk.post(f"{at_desk}/visits", visit | times))
    refused(desk.post(f"{at_desk}/visits", visit | times), 409, "technician_busy")
    kept(desk.post(f"{at_desk}/visits/1/cancellation"))
    refused(desk.post(f"{at_desk}/visits/1/cancellation"), 409, "visit_over")
    kept(desk.post(f"{at_desk}/visits", visit | times))
    day = NINE.astimezone(cast.ZONE).date().isoformat()
    assert [one["visit"] for one in kept(desk.get(f"/hq/service-visits?day={day}"))["items"]] == [2]
    points = kept(desk.get(f"{at_desk}/check-list"))["items"]
    report = {
        "client_key": "phone-1",
        "result": "passed",
        "findings": "Filter changed.",
        "checks": [{"item": one["item"], "result": "ok"} for one in points],
        "used": [{"product": cast.syringe.sku, "lot": "SY-EARLY", "quantity": 2}],
        "signed_name": "李医生",
    }
    refused(desk.post(f"{at_desk}/visits/9/report", report), 404)
    done = kept(desk.post(f"{at_desk}/visits/2/report", report))
    assert done["invoice"]["gross"] == done["quotes"][0]["gross"] and done["state"] == "done"
    assert kept(desk.post(f"{at_desk}/visits/2/report", report))["invoice"] == done["invoice"]
    refused(desk.post(f"{at_desk}/visits/2/report", report | {"findings": "?"}), 409, "key_reused")
    assert kept(huadong.get(f"{path}/repair"))["visits"][1]["report"]["used"][0]["lot"] == "SY-EARLY"


def test_a_repair_is_given_up(huadong, desk):
    number = kept(huadong.post("/service-requests", BODY))["number"]
    at_desk = f"/hq/service-requests/{number}"
    refused(desk.post(f"{at_desk}/repair/cancellation", {"reason": "x"}), 404)
    kept(desk.post(f"{at_desk}/quote", QUOTE))
    assert kept(desk.post(f"{at_desk}/repair/cancellation", {"reason": "Scrap."}))["state"] == "cancelled"
