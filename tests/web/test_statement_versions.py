"""Statements on their pages: verified by anybody, corrected by two people, confirmed by a clause, paused."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import text

from portal.kernel.db import transaction
from portal.kernel.opaque import Sealer
from portal.statements.verification import Verifier
from tests import cast
from tests.disputes.acts import dispute, opened, standing
from tests.disputes.acts import disputed as of_document
from tests.ledger.acts import delivered, no_books_yet, paid
from tests.played import played
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, closed, statement_row

HQ, SECOND, FINANCE = cast.hq_finance, cast.finance_colleague, cast.huadong.finance


@played
def month(given, database, owner):
    """A closed month with a delivery; a payment of the month after."""
    no_books_yet(owner)
    done = delivered(given, database, {cast.gloves: 3}, on=LAST_DAY)
    closed(database)
    later = paid(database, "3.00", on=cast.TODAY).document_no
    return statement_row(owner).number, done.invoice_number, later


@pytest.fixture
def code(app, month) -> str:
    url = Verifier("", app.sealer)(cast.huadong.id, month[0], 1)
    return url.rpartition("/")[2]


def shown(answer, status=200) -> str:
    assert answer.status_code == status, answer.get_data(as_text=True)[:1500]
    return answer.get_data(as_text=True)


def corrected(sign_in, number, later):
    """Proposed by one, approved by another, on the pages."""
    path = f"/hq/statement-corrections/{number}"
    first, second = sign_in(HQ), sign_in(SECOND)
    assert first.post(path, {"reason": "补记收款", "document": [later]}).status_code == 303
    shown(first.post(f"{path}/approval"), 409)
    assert number in shown(second.get("/hq/statement-corrections"))
    assert second.post(f"{path}/approval").status_code == 303
    return first


def test_anybody_asks_whether_a_statement_is_genuine_and_sees_no_figure(visitor, sign_in, code, month):
    number = month[0]
    pdf = sign_in(FINANCE).get(f"/statements/{number}.pdf").data
    page = shown(visitor.get(f"/verify/{code}"))
    assert number in page and "现行版本" in page and cast.huadong.name_zh not in page
    assert cast.huadong.code not in page and "¥" not in page
    answer = visitor.post(f"/verify/{code}", {"file": (io.BytesIO(pdf), "x.pdf"), "sha256": ""})
    assert "逐字节一致" in shown(answer)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "script-src" in answer.headers["Content-Security-Policy"]
    changed = pdf.replace(b"%PDF", b"%PDE", 1)
    answer = visitor.post(f"/verify/{code}", {"file": (io.BytesIO(changed), "x.pdf"), "sha256": ""})
    assert "已被改动" in shown(answer)


def test_a_fingerprint_may_be_typed_and_nothing_typed_is_lost(visitor, sign_in, code, month):
    number = month[0]
    page = shown(sign_in(FINANCE).get(f"/statements/{number}.pdf") and visitor.get(f"/verify/{code}"))
    assert page
    assert "已被改动" in shown(visitor.post(f"/verify/{code}", {"sha256": "AB:" * 32}))
    wrong = visitor.post(f"/verify/{code}", {"sha256": "<b>12"})
    assert "&lt;b&gt;12" in shown(wrong, 422) or "b&gt;12" in shown(wrong, 422)


def test_a_forged_code_and_an_unknown_one_are_answered_alike(visitor, app, month):
    unknown = Verifier("", app.sealer)(cast.huadong.id, "ST0000-X", 1).rpartition("/")[2]
    forged = Verifier("", Sealer("z" * 40))(cast.huadong.id, month[0], 1).rpartition("/")[2]

    def plain(answer) -> str:
        return re.sub(r'(value|content|nonce)="[^"]*"|hx-headers=\'[^\']*\'|/verify/[^"]*', "", shown(answer))

    assert plain(visitor.get(f"/verify/{unknown}")) == plain(visitor.get(f"/verify/{forged}"))
    assert "请勿采信" in shown(visitor.get(f"/verify/{forged}"))
    assert "请勿采信" in shown(visitor.post(f"/verify/{forged}", {"sha256": "0" * 64}))


def test_who_asks_too_often_waits(visitor, app, code):
    app.settings = app.settings.model_copy(update={"verification_rate": "5 per minute"})
    answers = [visitor.get(f"/verify/{code}").status_code for _ in range(7)]
    assert answers[0] == 200 and answers[-1] == 429


def test_a_file_beyond_the_cap_is_refused(visitor, app, code):
    big = io.BytesIO(b"%PDF" + b"0" * (17 * 2**20))
    assert visitor.post(f"/verify/{code}", {"file": (big, "x.pdf"), "sha256": ""}).status_code == 413


def test_a_corrected_statement_supersedes_on_every_page(visitor, sign_in, database, code, month):
    number, _, later = month
    hq = corrected(sign_in, number, later)
    finance = sign_in(FINANCE)
    page = shown(finance.get(f"/statements/{number}"))
    assert "第 2 版" in page or "版本 2" in page
    assert f"/statements/{number}?version=1" in page and later in page
    old = shown(finance.get(f"/statements/{number}?version=1"))
    assert "已被第 2 版取代" in old and 'name="name"' not in old
    for path in (f"/statements/{number}.pdf", f"/statements/{number}.xlsx"):
        for version in ("", "?version=1", "?version=2"):
            assert finance.get(path + version).status_code == 200
    for bad in ("3", "0", "x", "9999999999"):
        assert finance.get(f"/statements/{number}?version={bad}").status_code == 404
    refused = finance.post(f"/statements/{number}/confirmation", {"name": "陈", "version": "1"})
    assert "已出具更正版" in shown(refused, 409)
    assert (
        finance.post(f"/statements/{number}/confirmation", {"name": "陈", "version": "2"}).status_code == 303
    )
    assert standing(database, number).state == "confirmed"
    assert "已被第 2 版取代" in shown(visitor.get(f"/verify/{code}"))
    assert f"{number}?version=1" in shown(hq.get(f"/hq/closes/statements/{number}"))


def test_who_waits_for_a_signed_paper_waits_for_that_of_the_version_looked_at(sign_in, app, owner, month):
    app.settings = app.settings.model_copy(update={"signing_certificate": "certificate.pem"})
    owner.execute(text("DELETE FROM statement_pdf"))
    for who, path in ((FINANCE, "/statements"), (HQ, "/hq/closes/statements")):
        assert f"{month[0]}/paper?version=1" in shown(sign_in(who).get(f"{path}/{month[0]}/paper?version=1"))


def test_a_correction_loses_nothing_typed_and_is_rejected_with_a_reason(sign_in, month):
    number, _, later = month
    hq, path = sign_in(HQ), f"/hq/statement-corrections/{number}"
    page = shown(hq.post(path, {"reason": "", "document": [later]}), 422)
    assert re.search(rf'value="{later}"[^>]* checked', page)
    assert hq.post(path, {"reason": "补记", "document": [later]}).status_code == 303
    second = sign_in(SECOND)
    waiting = shown(second.get(path)).partition('id="waiting"')[2].partition("</ul>")[0]
    assert f'href="/hq/payments/{later}"' in waiting and "¥" in waiting
    assert second.post(f"{path}/rejection", {"reason": ""}).status_code == 422
    assert second.post(f"{path}/rejection", {"reason": "不属于本月"}).status_code == 303
    assert "不属于本月" in shown(hq.get(path))
    for stranger in (FINANCE, cast.order_desk):
        assert sign_in(stranger).get(path).status_code in (403, 404)


def test_the_clause_is_set_by_finance_and_shown_to_both(sign_in, month):
    hq, path = sign_in(HQ), f"/hq/dealers/{cast.huadong.code}/confirmation-clause"
    assert path in shown(hq.get(f"/hq/dealers/{cast.huadong.code}"))
    page = shown(hq.post(path, {"is_active": "1", "days": "3", "contract": "", "revision": "0"}), 422)
    assert 'value="3"' in page
    entered = {"is_active": "1", "days": "３０", "contract": "合同 7.3", "revision": "0"}
    assert hq.post(path, entered).status_code == 303
    assert hq.post(path, entered).status_code == 409
    assert "合同 7.3" in shown(hq.get(path)) and HQ.display_name in shown(hq.get(path))
    assert sign_in(FINANCE).get(path).status_code in (403, 404)


def test_a_price_difference_is_credited_from_the_dispute(sign_in, database, month):
    number, billed, _ = month
    ours = opened(database, number, of_document(billed, "9.00"))
    hq, at = sign_in(HQ), f"/hq/disputes/{ours}/resolution"
    line = {"line": "1", "outcome": "adjusted", "correction": "", "invoice_line": "7", "gives": "9,00"}
    page = shown(hq.post(at, line | {"text": "价差", "act": "resolve"}), 422)
    assert 'value="9,00"' in page and "价差" in page
    good = line | {"invoice_line": "1", "gives": "9.00", "text": "价差", "act": "resolve"}
    assert hq.post(at, good).status_code == 303
    note = dispute(database, ours).lines[0].correction
    finance = sign_in(FINANCE)
    assert f"/adjustments/{note}" in shown(finance.get(f"/disputes/{ours}"))
    page = shown(finance.get(f"/adjustments/{note}"))
    assert billed in page and ours in page
    assert note in shown(hq.get(f"/hq/adjustments/{note}"))


def test_an_answer_above_the_limit_is_approved_by_another(sign_in, app, database, month):
    number, billed, _ = month
    app.settings = app.settings.model_copy(update={"correction_alone_max": 1})
    ours = opened(database, number, of_document(billed, "9.00"))
    hq, second = sign_in(HQ), sign_in(SECOND)
    line = {"line": "1", "outcome": "adjusted", "correction": "", "invoice_line": "1", "gives": "9.00"}
    at = f"/hq/disputes/{ours}"
    assert hq.post(f"{at}/resolution", line | {"text": "价差", "act": "resolve"}).status_code == 303
    assert "/approval" not in shown(hq.get(at)) and "/approval" in shown(second.get(at))
    assert hq.post(f"{at}/approval").status_code == 409
    assert second.post(f"{at}/approval").status_code == 303
    assert dispute(database, ours).state == "resolved"


def test_a_closing_is_paused_and_resumed_in_the_cockpit(sign_in, database, owner):
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    begun(database)
    hq, path = sign_in(HQ), f"/hq/closes/{LAST_MONTH}"
    assert f"{path}/pause" in shown(hq.get(path))
    assert hq.post(f"{path}/pause").status_code == 303
    page = shown(hq.get(path))
    assert f"{path}/resume" in page and HQ.display_name in page
    assert hq.post(f"{path}/pause").status_code == 303, "says that it is paused already"
    assert hq.post(f"{path}/resume").status_code == 303
    assert f"{path}/pause" in shown(hq.get(path))


def test_only_recent_statements_are_asked_for(sign_in, database, owner, month):
    finance = sign_in(FINANCE)
    assert month[0] in shown(finance.get("/statements?status=open"))
    with transaction(database.session_for(FINANCE.actor())):
        pass
    page = shown(finance.get("/statements?status=open"))
    assert "最近 3 个月" in page
