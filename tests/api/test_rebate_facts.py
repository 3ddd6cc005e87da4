"""Facts about dealers through the API: stated with uploaded evidence, confirmed by another system."""

from __future__ import annotations

import io

import pytest

from portal.files.vocabulary import FileRight
from portal.rebates.vocabulary import RebateRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.files.acts import a_pdf
from tests.ledger.acts import delivered
from tests.rebates.acts import published, reckoned


@pytest.fixture
def author(system):
    return system(RebateRight.PROPOSE, RebateRight.APPROVE, FileRight.DESK)


@pytest.fixture
def colleague(system):
    return system(RebateRight.APPROVE, RebateRight.PROPOSE)


def evidence(caller) -> str:
    return kept(caller.request("POST", "/files", data={"file": (io.BytesIO(a_pdf()), "case.pdf")}))["id"]


def body(**said):
    usual = {
        "dealer": "huadong",
        "kind": "no_diversion_case",
        "holds": False,
        "from": str(cast.TODAY),
        "reason": "Lot GZ-FRESH was found in Guangdong",
    }
    return usual | said


def test_a_case_is_stated_confirmed_and_told_to_the_dealer(
    author, colleague, huadong, rival, given, database
):
    delivered(given, database, {cast.gauze: 5})
    _, programme = published(database, no_diversion_case=True)
    file = evidence(author)
    made = kept(author.post("/hq/rebates/facts", body(files=[file])))
    assert (made["state"], made["to"], made["files"][0]["id"]) == ("stated", None, file)
    path = f"/hq/rebates/facts/{made['number']}"
    refused(author.post(f"{path}/confirmation", {}), 403)
    assert kept(colleague.post(f"{path}/confirmation", {}))["state"] == "confirmed"
    refused(colleague.post(f"{path}/refusal", {"reason": "too late"}), 409, "decided")
    reckoned(database)
    earned = kept(huadong.get(f"/rebates/accruals?programme={programme}"))
    assert (earned["accrued"], earned["unmet"]) == ("0.00", ["no_diversion_case"])
    assert earned["why"] == {"no_diversion_case": ["Lot GZ-FRESH was found in Guangdong"]}
    assert [one["number"] for one in kept(author.get("/hq/rebates/facts?state=confirmed"))["items"]] == [
        made["number"]
    ]
    assert kept(author.get("/hq/rebates/facts?state=stated"))["items"] == []
    refused(rival.get(path), 403, "insufficient_scope")
    refused(huadong.get(f"/files/{file}/content"), 404)


def test_every_fault_is_told_at_once(author):
    wrong = body(dealer="nobody", reason="x", files=[], **{"from": "2099-01-01"})
    assert faults(author.post("/hq/rebates/facts", wrong)) == {
        "/dealer": "unknown_dealer",
        "/from": "date_range",
        "/files": "evidence_missing",
    }
    assert faults(author.post("/hq/rebates/facts", body(kind="good_mood", files=["x"]))).keys() == {"/kind"}
    assert faults(author.post("/hq/rebates/facts", body(files=["FI2611-00000000A"]))).keys() == {"/files/0"}
    refused(author.get("/hq/rebates/facts/FS-NONE"), 404)
