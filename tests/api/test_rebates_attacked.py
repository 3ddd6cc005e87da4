"""Whoever means harm: bodies too large or too deep, names that lie, keys sent twice, and a rival who compares
answers.
"""

from __future__ import annotations

import csv
import io

import pytest

from portal.claims.vocabulary import ClaimRight
from portal.rebates.vocabulary import RebateRight
from tests import cast
from tests.api.contract import kept, refused
from tests.api.test_claims import body
from tests.api.test_rebates import body as programme
from tests.files.acts import a_pdf
from tests.settlements.acts import a_note

MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("call", "said"),
    [("/hq/rebates/programmes", programme()), ("/rebates/claims", body())],
    ids=["programme", "claim"],
)
def test_a_body_that_is_too_large_or_too_deep_is_refused(system, huadong, call, said):
    caller = system(RebateRight.PROPOSE) if "/hq/" in call else huadong
    large = '{"title_zh": "' + "x" * (10 * MEGABYTE) + '"}'
    deep = '{"title_zh": ' + "[" * 100_000 + "]" * 100_000 + "}"
    for sent in (large, deep, "[" * 200_000, '{"amount": 1e999999}', '{"amount": NaN}'):
        answer = caller.request("POST", call, data=sent, content_type="application/json")
        assert 400 <= answer.status_code < 500, (sent[:20], answer.status_code)
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "..\\..\\boot.pdf",
        "invoice\u202efdp.exe.pdf",
        "a\r\nSet-Cookie: x=1.pdf",
        "<script>alert(1)</script>.pdf",
        "发" * 300 + ".pdf",
        '";x=".pdf',
    ],
)
def test_a_file_name_of_evidence_says_nothing_but_a_name(huadong, name):
    made = huadong.request("POST", "/files", data={"file": (io.BytesIO(a_pdf()), name)})
    if made.status_code != 201:
        assert made.status_code == 422
        return
    shown = made.json["name"]
    assert not set(shown) & set("/\\\r\n\u202e") and len(shown) <= 200
    sent = huadong.get(f"/files/{made.json['id']}/content")
    assert "Set-Cookie: x" not in str(sent.headers) and sent.headers["X-Content-Type-Options"] == "nosniff"


def test_a_claim_and_its_decision_sent_twice_count_once(system, huadong):
    manager = system(ClaimRight.MANAGE)
    first = huadong.request("POST", "/rebates/claims", json=body(), headers={"Idempotency-Key": "k1"})
    again = huadong.request("POST", "/rebates/claims", json=body(), headers={"Idempotency-Key": "k1"})
    other = huadong.request("POST", "/rebates/claims", json=body("7.00"), headers={"Idempotency-Key": "k1"})
    number = kept(first)["number"]
    assert again.json == first.json and other.status_code == 422
    address, said = f"/hq/rebates/claims/{number}/decision", {"decision": "approve"}
    decided = manager.request("POST", address, json=said, headers={"Idempotency-Key": "k2"})
    repeated = manager.request("POST", address, json=said, headers={"Idempotency-Key": "k2"})
    assert kept(decided)["state"] == "in_approval" and repeated.json == decided.json
    refused(manager.request("POST", address, json=said, headers={"Idempotency-Key": "k3"}), 403)


def test_a_claim_is_read_again_only_where_it_has_changed(system, huadong):
    number = kept(huadong.post("/rebates/claims", body()))["number"]
    tag = huadong.get(f"/rebates/claims/{number}").headers["ETag"]
    unchanged = huadong.request("GET", f"/rebates/claims/{number}", headers={"If-None-Match": tag})
    assert unchanged.status_code == 304 and not unchanged.data
    kept(system(ClaimRight.MANAGE).post(f"/hq/rebates/claims/{number}/decision", {"decision": "approve"}))
    changed = huadong.request("GET", f"/rebates/claims/{number}", headers={"If-None-Match": tag})
    assert changed.status_code == 200


def test_a_rival_cannot_tell_what_is_there_from_what_is_not(huadong, rival, database):
    number = kept(huadong.post("/rebates/claims", body()))["number"]
    note = a_note(database)
    for there, nowhere in (
        (f"/rebates/claims/{number}", "/rebates/claims/CL2611-000000000"),
        (f"/rebates/notes/{note}", "/rebates/notes/RN2611-000000000"),
        (f"/rebates/notes/{note}.pdf", "/rebates/notes/RN2611-000000000.pdf"),
    ):
        one, other = rival.get(there), rival.get(nowhere)
        assert one.status_code == other.status_code == 404
        assert _said(one) == _said(other) and set(one.headers.keys()) == set(other.headers.keys())


def test_what_looks_like_a_formula_is_text_in_every_export(sign_in, huadong):
    said = body(note="=HYPERLINK(1)")
    said["invoices"][0]["issuer"] = "@SUM(1)"
    kept(huadong.post("/rebates/claims", said))
    planned = {
        "kind": "marketing",
        "title": "=cmd|' /C calc'!A0",
        "place": "+1",
        "first_day": str(cast.TODAY),
        "last_day": str(cast.TODAY),
        "amount": "10.00",
    }
    kept(huadong.post("/rebates/activities", planned))
    for person, address in (
        (cast.huadong.boss, "/rebates/claims"),
        (cast.huadong.boss, "/rebates/activities"),
        (cast.east_manager, "/hq/rebates/claims"),
        (cast.east_manager, "/hq/rebates/activities"),
    ):
        answer = sign_in(person).get(f"{address}?export=csv")
        assert answer.status_code == 200, address
        for row in csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))):
            assert not any(cell[:1] in ("=", "+", "@") for cell in row), (address, row)


def _said(answer) -> dict:
    return {name: value for name, value in answer.json.items() if name not in ("instance", "request_id")}
