"""Headquarters' systems put statements right: answers above a limit, new versions, clauses, closings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text

from portal.disputes.rules import DisputeKind, Outcome
from portal.ledger.vocabulary import LedgerRight
from portal.statements.vocabulary import StatementRight
from tests import cast
from tests.api.contract import faults, kept, refused
from tests.disputes import acts as disputes
from tests.ledger.acts import delivered, no_books_yet, paid
from tests.played import played
from tests.statements.acts import LAST_DAY, LAST_MONTH, begun, closed, statement_row

BOTH = (LedgerRight.READ, LedgerRight.POST, LedgerRight.APPROVE, StatementRight.CLOSE)


@pytest.fixture
def settings(settings):
    """One person adjusts up to 5 yuan."""
    return settings.model_copy(update={"correction_alone_max": Decimal("5.00")})


@played
def month(given, database, owner):
    """A closed month with a disputed price, and a payment of the month after."""
    no_books_yet(owner)
    done = delivered(given, database, {cast.gloves: 3, cast.syringe: 20}, on=LAST_DAY)
    closed(database)
    number = statement_row(owner).number
    price = disputes.disputed(done.invoice_number, "9.00", DisputeKind.PRICE)
    return number, disputes.opened(database, number, price), paid(database, "3.00", on=cast.TODAY)


@pytest.fixture
def boss(system):
    """A system that may do everything with statements."""
    return system(*BOTH)


def proposing(database, dispute, gives="9.00"):
    answer = replace(disputes.decided(Outcome.ADJUSTED), invoice_line=1, gives=Decimal(gives))
    disputes.resolved(database, dispute, answer, alone_max="5.00")


def test_an_answer_is_approved_as_it_was_read(month, database, boss, controller, owner):
    _, dispute, _ = month
    path = f"/hq/disputes/{dispute}"
    refused(controller.post(f"{path}/approval", {"proposed_at": "2026-01-01T00:00:00Z"}), 409)
    proposing(database, dispute, "6.00")
    seen = {"proposed_at": kept(boss.get(path))["proposed"]["proposed_at"]}
    proposing(database, dispute)
    refused(controller.post(f"{path}/approval", seen), 409, "changed_meanwhile")
    assert kept(boss.get("/hq/disputes?to_approve=false"))["items"] == []
    shown = kept(controller.get(path))["proposed"]
    assert (shown["proposed_by"], shown["lines"][0]["gives"]) == (cast.hq_finance.display_name, "9.00")
    done = kept(controller.post(f"{path}/approval", {"proposed_at": shown["proposed_at"]}, key="k1"))
    again = kept(controller.post(f"{path}/approval", {"proposed_at": shown["proposed_at"]}, key="k1"))
    assert done == again and done["lines"][0]["outcome"] == "adjusted"
    assert owner.execute(text("SELECT sum(gross) FROM adjustment_note")).scalar_one() == -9


def test_a_program_that_answers_above_its_limit_does_not_approve_it(month, boss, controller):
    _, dispute, _ = month
    path = f"/hq/disputes/{dispute}"
    invoice = kept(boss.get(path))["lines"][0]["document"]
    line = {"line": 1, "outcome": "adjusted", "invoice_line": 1, "gives": "-5.01"}
    asked = kept(boss.post(f"{path}/resolution", {"lines": [line], "text": "已核实"}))
    assert asked["state"] == "open" and asked["proposed"]["lines"][0]["document"] == invoice
    seen = {"proposed_at": asked["proposed"]["proposed_at"]}
    refused(boss.post(f"{path}/approval", seen), 403, "same_person")
    assert kept(controller.post(f"{path}/approval", seen))["state"] == "resolved"


def test_a_dealer_reads_nothing_of_what_waits(month, database, huadong, rival):
    _, dispute, _ = month
    proposing(database, dispute)
    assert "proposed" not in kept(huadong.get(f"/disputes/{dispute}"))
    for caller in (huadong, rival):
        refused(caller.get(f"/hq/disputes/{dispute}"), 403)
        refused(caller.get("/hq/statement-corrections"), 403)
        refused(caller.get("/hq/dealers/huadong/confirmation-clause"), 403)


def test_a_correction_says_what_it_changes_before_somebody_decides(
    month, database, boss, controller, owner, sign_in
):
    number, dispute, later = month
    path = f"/hq/statement-corrections/{number}"
    body = {"documents": [later.document_no], "reason": "补记"}
    refused(boss.post(path, body), 409, "statement_disputed")
    disputes.withdrawn(database, dispute)
    wrong = {"documents": [later.document_no, "PY-OF-NOBODY"], "reason": " "}
    assert faults(boss.post(path, wrong)) == {"/reason": "missing", "/documents/1": "not_later"}
    before = cast.huadong.name_zh
    owner.execute(text("UPDATE dealer SET name_zh = '新名称有限公司' WHERE id = :d"), {"d": cast.huadong.id})
    asked = kept(boss.post(path, body, key="k1"))
    assert kept(boss.post(path, body, key="k1")) == asked
    changed = {one["what"]: (one["before"], one["after"]) for one in asked["changes"]}
    assert changed["dealer.name_zh"] == (before, "新名称有限公司")
    assert [one["document_no"] for one in asked["documents_after"]] == [later.document_no]
    assert Decimal(asked["closing_before"]) - Decimal(asked["closing_after"]) == 3
    page = sign_in(cast.finance_colleague).get(path).get_data(as_text=True)
    assert "经销商：中文名称" in page and before in page and "新名称有限公司" in page
    refused(boss.post(f"{path}/approval"), 403, "same_person")
    refused(boss.post(f"{path}/rejection", {"reason": "x"}), 403, "same_person")
    assert kept(controller.get(path))["items"] == [asked]
    done = kept(controller.post(f"{path}/approval"))
    assert (done["version"], done["documents_after"]) == (2, asked["documents_after"])
    assert {one["what"] for one in done["changes"]} == set(changed)
    refused(controller.post(f"{path}/approval"), 409, "nothing_proposed")


def test_of_the_next_correction_the_version_before_is_the_one_that_stood(month, database, boss, controller):
    number, dispute, first = month
    disputes.withdrawn(database, dispute)
    path, second = f"/hq/statement-corrections/{number}", paid(database, "2.00", on=cast.TODAY)
    for documents in ([first.document_no], [first.document_no, second.document_no]):
        kept(boss.post(path, {"documents": documents, "reason": "补记"}))
        kept(controller.post(f"{path}/approval"))
    page = kept(boss.get("/hq/statement-corrections?limit=1"))
    [latest] = page["items"]
    assert [one["document_no"] for one in latest["documents_before"]] == [first.document_no]
    assert (latest["version"], latest["changes"]) == (3, [])
    [earlier] = kept(boss.get(f"/hq/statement-corrections?limit=1&cursor={page['next_cursor']}"))["items"]
    assert (earlier["version"], earlier["closing_after"]) == (2, latest["closing_before"])


def test_lists_of_corrections_ask_one_statement(month, database, boss, count_statements):
    number, dispute, later = month
    disputes.withdrawn(database, dispute)
    body = {"documents": [later.document_no], "reason": "补记"}
    kept(boss.post(f"/hq/statement-corrections/{number}", body))
    for path, most in (("", 1), (f"/{number}", 3)):
        with count_statements() as counted:
            kept(boss.get(f"/hq/statement-corrections{path}"))
        assert len(counted) <= most, str(counted)


def test_a_statement_of_nobody_is_none(boss, controller):
    path = "/hq/statement-corrections/ST2611-00000000A"
    refused(boss.get(path), 404)
    refused(boss.post(path, {"documents": [], "reason": "x"}), 404)
    refused(controller.post(f"{path}/approval"), 404)
    refused(controller.post(f"{path}/rejection", {"reason": "x"}), 404)


def test_a_clause_is_set_once_by_whoever_read_it(boss, owner):
    path = "/hq/dealers/huadong/confirmation-clause"
    assert kept(boss.get(path)) == {
        "dealer": "huadong",
        "active": False,
        "days": None,
        "contract": "",
        "revision": 0,
        "set_by": None,
        "set_at": None,
    }
    body = {"active": True, "days": 9, "contract": " ", "revision": 0}
    assert faults(boss.request("PUT", path, json=body)) == {"/days": "days", "/contract": "missing"}
    body |= {"days": 45, "contract": "2026-17, 8.2"}
    assert kept(boss.request("PUT", path, json=body))["days"] == 45
    refused(boss.request("PUT", path, json=body), 409, "clause_changed")
    off = kept(boss.request("PUT", path, json={"active": False, "revision": 1}))
    assert (off["active"], off["days"], off["revision"]) == (False, 45, 2)
    refused(boss.get("/hq/dealers/nobody/confirmation-clause"), 404)


def test_a_closing_is_paused_goes_on_and_tries_again(database, owner, boss):
    path = f"/hq/period-closes/{LAST_MONTH}"
    for act in ("pause", "resumption", "retry"):
        refused(boss.post(f"/hq/period-closes/1999-01/{act}"), 404)
        refused(boss.post(f"/hq/period-closes/soon/{act}"), 404)
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    begun(database)
    owner.execute(text("UPDATE close_task SET state = 'failed' WHERE dealer_id = :d"), {"d": cast.huadong.id})
    paused = kept(boss.post(f"{path}/pause"))
    assert paused["paused_at"] and (paused["failed"], paused["seconds_left"]) == (1, None)
    refused(boss.post(f"{path}/pause"), 409, "not_closing")
    assert kept(boss.post(f"{path}/resumption"))["paused_at"] is None
    refused(boss.post(f"{path}/resumption"), 409, "not_paused")
    assert kept(boss.post(f"{path}/retry"))["failed"] == 0
    refused(boss.post(f"{path}/retry"), 409, "nothing_failed")
