"""Rebates are settled as a run says, and what is owed at a month's end is posted to the company's books."""

from __future__ import annotations

from datetime import timedelta

import structlog

from jobs import rebates, resources
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.kernel.errors import DomainError
from portal.kernel.outbox import Effect
from portal.settlements import carry_out as runs
from portal.settlements.ensure_note_pdf import new_notes, print_note
from portal.settlements.liability import count_dealers, next_month, post_month
from portal.settlements.run import ask_again, finish_run
from portal.settlements.use_balance import dealers_to_pay, use_balances

DEALERS_AT_ONCE = 10
NOTES_AT_ONCE = 200
PRINTED = timedelta(days=3)

_log = structlog.get_logger("jobs.settlements")


def settle(effect: Effect) -> None:
    """An approved settlement is carried out."""
    carry_out(effect.payload["run"])


def resume() -> None:
    """Settlements that were approved and whose job did not come to its end."""
    with transaction(resources.database().system_session()) as session:
        numbers = runs.approved(session)
    for number in numbers:
        carry_out(number)


def carry_out(number: str) -> None:
    """Settle one dealer a transaction: killed in between, the next start leaves out whoever is settled.

    A dealer that is refused holds nobody else up; the settlement stays open until it can be settled too.
    """
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    after, paid, refused = 0, 0, 0
    while True:
        with transaction(resources.database().system_session()) as session:
            found = runs.next_dealers(session, number=number, after=after, limit=DEALERS_AT_ONCE)
        if not found:
            break
        for after in found:
            try:
                with transaction(resources.database().system_session()) as session:
                    paid += runs.settle_next(
                        session, actor=SYSTEM, number=number, dealer_id=after, on=today, at=at
                    )
            except DomainError as refusal:
                if refusal.code == runs.BEYOND_APPROVED:
                    _stop(number)
                    return
                refused += 1
                _log.error("rebate_not_settled", run=number, dealer_id=after, code=refusal.code)
    if refused:
        return
    with transaction(resources.database().system_session()) as session:
        finish_run(session, actor=SYSTEM, number=number, at=clock.now())
    _log.info("rebates_settled", run=number, dealers=paid)


def _stop(number: str) -> None:
    rebates.reckon()  # whoever decides sees the figures that would be paid
    with transaction(resources.database().system_session()) as session:
        ask_again(session, actor=SYSTEM, number=number, at=clock.now())
    _log.warning("rebate_settlement_stopped", run=number)


def use_kept() -> None:
    """Later invoices are paid their share of what dealers have kept, one dealer a transaction."""
    at = clock.now()
    today = clock.business_date(at, resources.settings().timezone)
    after = notes = 0
    while True:
        with transaction(resources.database().system_session()) as session:
            found = dealers_to_pay(session, after=after, limit=DEALERS_AT_ONCE)
        if not found:
            break
        for after in found:
            with transaction(resources.database().system_session()) as session:
                notes += use_balances(session, actor=SYSTEM, dealer_id=after, on=today, at=at)
    if notes:
        _log.info("rebate_balances_used", notes=notes)


def print_notes() -> None:
    """Notes of the last days are printed before somebody asks for them, older ones when somebody does."""
    settings = resources.settings()
    company = (settings.company_name_zh, settings.company_name_en)
    since = clock.business_date(clock.now(), settings.timezone) - PRINTED
    with transaction(resources.database().system_session()) as session:
        numbers = new_notes(session, since=since, limit=NOTES_AT_ONCE)
    for number in numbers:
        with transaction(resources.database().system_session()) as session:
            print_note(session, number=number, company=company, at=clock.now())


def liability() -> None:
    """What is owed at the end of each month that is over, in the company's books."""
    at = clock.now()
    zone = resources.settings().timezone
    while True:
        with transaction(resources.database().system_session()) as session:
            month = next_month(session, today=clock.business_date(at, zone))
        if month is None:
            return
        counted = 1
        while counted:
            with transaction(resources.database().system_session()) as session:
                counted = count_dealers(session, month=month, zone=zone, limit=DEALERS_AT_ONCE)
        with transaction(resources.database().system_session()) as session:
            entries = post_month(session, actor=SYSTEM, month=month, at=clock.now())
        _log.info("rebate_liability_posted", month=month, entries=entries)
