"""Claims through the API: made by a dealer's system, decided by two of headquarters', seen by nobody else."""

from __future__ import annotations

from decimal import Decimal as D
from io import BytesIO

import pytest

from portal.claims.vocabulary import ClaimRight
from portal.files.vocabulary import FileRight
from portal.rebates.vocabulary import RebateRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.claims.acts import LAST_MONTH, LAST_MONTH_BEGINS, LAST_MONTH_ENDS, a_programme
from tests.files.acts import a_pdf


@pytest.fixture
def manager(system):
    return system(ClaimRight.MANAGE)


@pytest.fixture
def finance(system):
    return system(ClaimRight.FINANCE)


def body(amount="15000.00", number="24310000", **said):
    usual = {
        "kind": "marketing",
        "amount": amount,
        "activity": "AC-1",
        "from": str(LAST_MONTH_BEGINS),
        "to": str(LAST_MONTH_ENDS),
        "invoices": [
            {"issuer": "会展公司", "number": number, "date": str(LAST_MONTH_ENDS), "amount": amount}
        ],
    }
    return usual | said


def uploaded(caller, text="one", name="photo.pdf"):
    return kept(caller.request("POST", "/files", data={"file": (BytesIO(a_pdf(text)), name)}))["id"]


def decide(caller, number, decision="approve", **said):
    return caller.post(f"/hq/rebates/claims/{number}/decision", {"decision": decision, **said})


def test_a_period_goes_from_the_accrual_to_the_note(given, database, huadong, rival, manager):
    programme = a_programme(given, database)
    said = {"programme": programme, "period": LAST_MONTH, "note": "as earned"}
    made = kept(huadong.post("/rebates/claims", said))
    assert (made["kind"], made["state"], made["asked"], made["calculated"]) == (
        "period",
        "submitted",
        "16.00",
        "16.00",
    )
    assert made["approved"] is None and made["treatment"] == "price_reduction"
    path = f"/rebates/claims/{made['number']}"
    refused(huadong.post("/rebates/claims", said), 409, "already_claimed")
    refused(rival.get(path), 404)
    refused(rival.post(f"{path}/withdrawal"), 404)
    refused(rival.post(f"{path}/completion", body()), 404)
    assert kept(rival.get("/rebates/claims"))["items"] == []
    decided = kept(decide(manager, made["number"]))
    assert (decided["state"], decided["approved"]) == ("paid", "16.00")
    seen = kept(huadong.get(path))
    assert [step["act"] for step in seen["steps"]] == ["submitted", "approved", "paid"]
    assert seen["note_number"].startswith("RN") and seen["chain"] == [
        {"approver": "channel_manager", "signed": True}
    ]
    refused(decide(manager, made["number"]), 409, "not_waiting")
    refused(huadong.post(f"{path}/withdrawal"), 409, "decided")


def test_evidence_goes_with_it_and_counts_once(huadong, rival, manager):
    made = kept(huadong.post("/rebates/claims", body(evidence=[uploaded(huadong)])))
    assert [file["name"] for file in made["evidence"]] == ["photo.pdf"] and made["doubts"] == []
    assert kept(manager.get(f"/rebates/claims/{made['number']}"))["doubts"] == []
    copy = body(evidence=[uploaded(rival, name="other.pdf")])
    answer = rival.post("/rebates/claims", copy)
    assert faults(answer) == {"/invoices/0/number": "invoice_used", "/evidence/0": "file_used"}
    assert made["number"] not in answer.get_data(as_text=True)
    assert kept(rival.get("/rebates/claims"))["items"] == []
    refused(rival.get(f"/files/{made['evidence'][0]['id']}"), 404)


def test_two_sign_above_ten_thousand_and_less_is_granted_with_a_reason(huadong, manager, finance):
    number = kept(huadong.post("/rebates/claims", body()))["number"]
    refused(decide(finance, number), 403, "not_your_step")
    assert kept(decide(manager, number))["state"] == "in_approval"
    refused(decide(manager, number), 403, "signed_already")
    assert faults(decide(finance, number, amount="9000.00")) == {"/reason": "reason_missing"}
    assert faults(decide(finance, number, amount="15000.01", reason="x")) == {"/amount": "amount"}
    revision = kept(finance.get(f"/rebates/claims/{number}"))["revision"]
    refused(decide(finance, number, revision=revision - 1), 409, "edited_meanwhile")
    seen = kept(decide(finance, number, amount="9000.00", reason="cap", revision=revision))
    assert (seen["approved"], seen["decision_note"]) == ("9000.00", "cap")


def test_what_comes_back_is_completed(huadong, manager):
    number = kept(huadong.post("/rebates/claims", body(amount="100.00")))["number"]
    assert faults(decide(manager, number, "return")) == {"/reason": "reason_missing"}
    assert kept(decide(manager, number, "return", reason="no photos"))["state"] == "returned"
    path = f"/rebates/claims/{number}/completion"
    assert faults(huadong.post(path, body(amount="100.00", evidence=["FI2611-00000000A"]))) == {
        "/evidence/0": "unknown_file"
    }
    done = kept(huadong.post(path, body(amount="100.00", evidence=[uploaded(huadong)])))
    assert (done["state"], len(done["evidence"])) == ("submitted", 1)
    refused(huadong.post(path, body()), 409, "not_writable")
    kept(decide(manager, number, "reject", reason="too late"))
    assert [one["state"] for one in kept(huadong.get("/rebates/claims?state=rejected"))["items"]] == [
        "rejected"
    ]


def test_a_batch_tells_of_each(huadong, manager, given, database):
    whole = kept(huadong.post("/rebates/claims", body("100.00", evidence=[uploaded(huadong)])))["number"]
    bare = kept(huadong.post("/rebates/claims", body("200.00", "2")))["number"]
    items = kept(manager.post("/hq/rebates/claims/batch", {"numbers": [bare, whole, "CL-NONE"]}))["items"]
    assert [(one["number"], one["state"], one["approved"]) for one in items] == [
        (bare, None, None),
        (whole, "paid", "100.00"),
        ("CL-NONE", None, None),
    ]
    assert [one["refusals"][0]["code"] for one in (items[0], items[2])] == ["no_evidence", "not_found"]
    assert items[0]["refusals"][0]["message"]
    mine = kept(manager.get("/hq/rebates/claims?state=mine&dealer=huadong&limit=1"))
    assert [one["number"] for one in mine["items"]] == [bare] and mine["next_cursor"] is None
    refused(manager.get("/hq/rebates/claims?dealer=nobody"), 404)


def test_every_fault_is_told_at_once(huadong):
    wrong = {
        "kind": "promotion",
        "amount": "1000000000.00",
        "from": str(cast.TODAY),
        "to": "2020-01-01",
        "hospital": "a\ud7ffb",
        "invoices": [{"issuer": "", "number": "1", "date": "2019-01-01", "amount": "-5.00"}],
    }
    found = faults(huadong.post("/rebates/claims", wrong))
    assert {"/amount", "/activity", "/to", "/invoices/0/issuer", "/invoices/0/amount"} <= set(found)
    assert found["/invoices/0/date"] == "too_old"
    assert set(faults(huadong.post("/rebates/claims", {}))) == {"/programme", "/period"}
    for bad in (
        {"amount": 5},
        {"from": "x"},
        {"kind": "gift"},
        {"evidence": ["\x00"]},
        {"dealer": "yuegang"},
    ):
        assert faults(huadong.post("/rebates/claims", body(**bad)))


def test_a_key_makes_one_claim(huadong):
    headers = {"Idempotency-Key": "claim-1"}
    first, again = (
        kept(huadong.request("POST", "/rebates/claims", json=body(), headers=headers)) for _ in range(2)
    )
    assert first == again and len(kept(huadong.get("/rebates/claims"))["items"]) == 1


@pytest.mark.only_asks
def test_who_reads_writes_and_decides(system):
    reader = system(RebateRight.READ, FileRight.WRITE, dealer=cast.huadong)
    kept(reader.get("/rebates/claims"))
    refused(reader.post("/rebates/claims", body()), 403, "insufficient_scope")
    refused(reader.get("/hq/rebates/claims"), 403, "insufficient_scope")
    manager = system(ClaimRight.MANAGE)
    refused(manager.post("/rebates/claims", body()), 403, "insufficient_scope")
    assert D(0) == sum(D(one["asked"]) for one in kept(manager.get("/hq/rebates/claims"))["items"])


def test_who_signs_is_proposed_by_one_of_finance_and_decided_by_another(finance, manager, system, huadong):
    second = system(ClaimRight.FINANCE)
    address = "/hq/rebates/claim-chains"
    chain = next(one for one in kept(manager.get(address))["items"] if one["kind"] == "marketing")
    assert len(chain["steps"]) == 3 and chain["waiting"] is None
    steps = [{"above": "0.00", "approver": "channel_manager"}, {"above": "500.00", "approver": "hq_finance"}]
    wanted = {"revision": chain["revision"], "steps": steps, "reason": "audit"}
    refused(manager.post(f"{address}/marketing/proposal", wanted), 403)
    refused(finance.post(f"{address}/fun/proposal", wanted), 404)
    falling = finance.post(f"{address}/marketing/proposal", wanted | {"steps": steps[::-1], "reason": " "})
    assert {"/steps/0/above", "/reason"} <= set(faults(falling))
    proposed = kept(finance.post(f"{address}/marketing/proposal", wanted))
    assert proposed["steps"] == chain["steps"] and proposed["waiting"]["steps"] == steps
    refused(finance.post(f"{address}/marketing/decision", {"decision": "approve"}), 403)
    refused(second.post(f"{address}/marketing/decision", {"decision": "reject"}), 422)
    agreed = kept(second.post(f"{address}/marketing/decision", {"decision": "approve"}))
    assert (agreed["steps"], agreed["waiting"], agreed["revision"]) == (steps, None, chain["revision"] + 1)
    refused(second.post(f"{address}/marketing/decision", {"decision": "approve"}), 404)
    refused(huadong.get(address), 403, "insufficient_scope")
