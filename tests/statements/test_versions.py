"""Corrected statements: two people, figures that stand, a version of its own that has to be confirmed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel import clock
from portal.kernel.db import transaction
from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.kernel.opaque import Sealer
from portal.statements.answers import answer_of
from portal.statements.confirm_statement import confirm_statement
from portal.statements.content import fingerprint
from portal.statements.correct_statement import approve_correction, propose_correction, reject_correction
from portal.statements.ensure_pdf import ensure_pdf, make_papers
from portal.statements.queries import document, statement, statements
from portal.statements.verification import Genuineness, Verifier, read_code, verify_statement
from portal.statements.versions import corrections_of, later_documents, waiting_corrections
from tests import cast
from tests.checks.acts import found
from tests.disputes import acts as disputes
from tests.ledger.acts import no_books_yet, paid
from tests.played import played
from tests.races import failures, together
from tests.statements.acts import ISSUER, LAST_DAY, closed, portal_within, statement_row
from tests.statements.certificates import signer, validated

MEANS = {"by": "page"}
SEALER = Sealer("s" * 40)
VERIFIED = replace(ISSUER, verify=Verifier("https://portal.example", SEALER))


@played
def month(given, database, owner):
    """A closed month with a payment, and one of the month after."""
    no_books_yet(owner)
    paid(database, "10.00", on=LAST_DAY)
    closed(database)
    return statement_row(owner).number, paid(database, "3.00", on=cast.TODAY)


def as_(database, by, act):
    with transaction(database.session_for(by.actor())) as session:
        return act(session)


def proposed(database, number, *documents, by=cast.hq_finance, reason="补记"):
    return as_(
        database,
        by,
        lambda session: propose_correction(
            session,
            actor=by.actor(),
            number=number,
            documents=documents,
            reason=reason,
            issuer=VERIFIED,
            at=clock.now(),
        ),
    )


def approved(database, number, by=cast.finance_colleague):
    return as_(
        database,
        by,
        lambda session: approve_correction(
            session, actor=by.actor(), number=number, issuer=VERIFIED, at=clock.now()
        ),
    )


def shown(database, number, version=None, by=cast.huadong.finance):
    return as_(database, by, lambda session: document(session, number=number, locale="zh", version=version))


def test_a_second_person_issues_the_next_version_with_the_same_figures(database, owner, month):
    number, later = month
    before = shown(database, number)
    proposed(database, number, later.document_no)
    with pytest.raises(Forbidden):
        approved(database, number, by=cast.hq_finance)
    assert approved(database, number) == 2
    after = shown(database, number)
    assert (after.version, after.closing, after.lines) == (2, before.closing, before.lines)
    assert [(one.document_no, one.amount) for one in after.corrections] == [
        (later.document_no, Decimal("-3.00"))
    ]
    assert after.corrected_closing == before.closing - 3
    assert shown(database, number, 1) == before, "the earlier one is read as it was"
    assert after.verify_url != before.verify_url
    assert found(database) == {}


def test_what_was_said_to_the_earlier_one_does_not_count(database, month):
    number, later = month
    signed = disputes.confirmed(database, number)
    proposed(database, number, later.document_no)
    approved(database, number)
    assert disputes.standing(database, number).state == "issued"
    old = as_(database, cast.huadong.finance, lambda session: answer_of(session, number, 1))
    assert (old.state, old.confirmation.sha256, old.is_superseded) == ("confirmed", signed, True)
    again = disputes.confirmed(database, number)
    assert again == fingerprint(shown(database, number)) != signed


def test_nobody_signs_what_another_version_said_while_it_was_read(database, month):
    number, later = month
    proposed(database, number, later.document_no)
    approved(database, number)
    actor = cast.huadong.finance.actor()
    with pytest.raises(Conflict) as refusal:
        as_(
            database,
            cast.huadong.finance,
            lambda session: confirm_statement(
                session, actor=actor, number=number, name="陈", means=MEANS, at=clock.now(), version=1
            ),
        )
    assert refusal.value.code == "statement_superseded"


def test_a_correction_says_something_new_and_gives_its_reason(database, month):
    number, later = month
    with pytest.raises(Conflict) as refusal:
        proposed(database, number)
    assert refusal.value.code == "nothing_corrected"
    with pytest.raises(Invalid) as refusal:
        proposed(database, number, "PY-OF-NOBODY", later.document_no, later.document_no, reason=" ")
    assert [one.pointer for one in refusal.value.faults] == ["/reason", "/documents/0", "/documents/2"]
    proposed(database, number, later.document_no)
    with pytest.raises(Conflict):
        proposed(database, number, later.document_no)


def test_master_data_put_right_are_reason_enough(database, owner, month):
    number, _ = month
    owner.execute(text("UPDATE dealer SET name_zh = '新名称有限公司' WHERE id = :d"), {"d": cast.huadong.id})
    proposed(database, number)
    approved(database, number)
    assert shown(database, number).dealer.name_zh == "新名称有限公司"
    assert shown(database, number, 1).dealer.name_zh == cast.huadong.name_zh


def test_a_disputed_statement_is_answered_before_it_is_corrected(database, month):
    number, later = month
    line = shown(database, number).lines[0].document_no
    disputes.opened(database, number, disputes.disputed(line))
    with pytest.raises(Conflict):
        proposed(database, number, later.document_no)


def test_a_rejected_correction_changes_nothing_and_another_may_follow(database, month):
    number, later = month
    proposed(database, number, later.document_no)
    by = cast.finance_colleague
    as_(
        database,
        by,
        lambda session: reject_correction(
            session, actor=by.actor(), number=number, reason="不属于本月", at=clock.now()
        ),
    )
    assert shown(database, number).version == 1
    proposed(database, number, later.document_no)
    waiting = as_(database, by, waiting_corrections)
    assert [one.number for one in waiting] == [number]
    assert [one.state for one in as_(database, by, lambda s: corrections_of(s, number))] == [
        "proposed",
        "rejected",
    ]


def test_a_confirmation_against_a_correction_is_for_the_earlier_or_refused(database, month):
    number, later = month
    proposed(database, number, later.document_no)

    def act(place):
        return approved(database, number) if place else disputes.confirmed(database, number)

    confirmed, issued = together(2, act)
    assert issued == 2
    assert isinstance(confirmed, str) or confirmed.code == "statement_superseded"
    assert disputes.standing(database, number).state in (
        ("issued",) if confirmed != fingerprint(shown(database, number)) else ("confirmed",)
    )


def test_two_who_approve_issue_one_version(database, month):
    number, later = month
    proposed(database, number, later.document_no)
    outcomes = together(2, lambda _: approved(database, number))
    assert sorted(map(str, outcomes))[0] == "2" and len(failures(outcomes)) == 1
    assert as_(database, cast.hq_finance, lambda s: statement(s, number)).version == 2


def test_what_was_decided_and_what_is_superseded_are_closed_in_the_database_too(database, owner, month):
    number, later = month
    proposed(database, number, later.document_no)
    disputes.confirmed(database, number)
    approved(database, number)
    for change in (
        "UPDATE statement_correction SET reason = 'x'",
        "UPDATE statement_answer SET noticed_at = now() WHERE version = 1",
        "INSERT INTO statement_answer (dealer_id, statement_id, version)"
        " SELECT dealer_id, statement_id, 1 FROM statement_correction",
    ):
        with pytest.raises(DBAPIError):
            owner.execute(text(change))


def test_the_list_shows_the_current_version_once(database, month):
    number, later = month
    proposed(database, number, later.document_no)
    approved(database, number)
    page = as_(database, cast.huadong.finance, statements)
    assert [(row.number, row.version) for row in page.items if row.number == number] == [(number, 2)]


def test_a_rival_sees_neither_versions_nor_corrections(database, month):
    number, later = month
    proposed(database, number, later.document_no)
    rival = cast.yuegang.finance
    assert as_(database, rival, lambda s: corrections_of(s, number)) == []
    assert as_(database, rival, lambda s: later_documents(s, number=number)) == []
    with pytest.raises(NotFound):
        shown(database, number, 1, by=rival)
    with pytest.raises(NotFound):
        shown(database, number, 2)


def test_both_papers_of_both_versions_are_made_and_signed_by_the_job(database, owner, month):
    number, later = month
    proposed(database, number, later.document_no)
    approved(database, number)
    actor = portal_within(cast.huadong)

    def act(session):
        return make_papers(session, number=number, signer=signer(), at=clock.now())

    with transaction(database.dealer_session(actor)) as session:
        assert act(session) == 3, "the first was made with the statement"
    with transaction(database.dealer_session(actor)) as session:
        assert act(session) == 0
    by = cast.huadong.finance
    for version, name in ((None, f"{number}-v2-en.pdf"), (1, f"{number}-en.pdf")):
        paper = as_(
            database,
            by,
            lambda s, version=version: ensure_pdf(
                s,
                actor=by.actor(),
                number=number,
                locale="en",
                at=clock.now(),
                version=version,
                is_signing=True,
            ),
        )
        assert paper.filename == name and validated(paper.content).bottom_line


def test_a_paper_that_only_a_worker_signs_is_not_made_by_who_asks(database, month):
    number, _ = month
    by = cast.huadong.finance
    asked = as_(
        database,
        by,
        lambda s: ensure_pdf(
            s, actor=by.actor(), number=number, locale="en", at=clock.now(), is_signing=True
        ),
    )
    assert asked is None


def test_a_code_says_genuine_superseded_or_nothing(database, month):
    number, later = month

    def said(code):
        claim = read_code(SEALER, code)
        with transaction(database.session_for(claim.actor("zh"))) as session:
            return verify_statement(session, claim)

    first = Verifier("", SEALER)(cast.huadong.id, number, 1).rpartition("/")[2]
    found = said(first)
    assert (found.state, found.number, len(found.papers)) == (Genuineness.GENUINE, number, 1)
    assert found.dealer == f"{cast.huadong.name_zh[:2]}•••"
    proposed(database, number, later.document_no)
    approved(database, number)
    assert (said(first).state, said(first).current) == (Genuineness.SUPERSEDED, 2)
    second = shown(database, number).verify_url.rpartition("/")[2]
    assert (said(second).state, said(second).version) == (Genuineness.GENUINE, 2)
    other = Verifier("", SEALER)(cast.yuegang.id, number, 1).rpartition("/")[2]
    strange = Verifier("", Sealer("x" * 40))(cast.huadong.id, number, 1).rpartition("/")[2]
    for code in (other, strange, first[:-4] + "AAAA", "x", "", "a" * 4000):
        assert said(code) == said("forged") and said(code).state is Genuineness.UNKNOWN
