"""What somebody says that a booking paid: a proposal, invoices, a payment, or a dealer's account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.bank.books_rules import MatchKind, Proposal
from portal.bank.match_booking import Wanted
from portal.bank.proposals import propose
from portal.dealers.queries import dealer_id_of
from portal.kernel.errors import N_, Conflict, Fault, Invalid, NotFound

INVOICES_MAX = 200


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a booking. proposal: the key of one that was shown."""

    invoices: tuple[str, ...] = ()
    dealer: str = ""
    payment: str = ""
    proposal: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said: the surest proposal is meant."""
        return not (self.invoices or self.dealer or self.payment or self.proposal)


def key_of(proposal: Proposal) -> str:
    """What tells one proposal from another when it is accepted."""
    return "|".join((proposal.kind, proposal.code, proposal.payment_no, " ".join(proposal.invoices)))


def understood(
    session: Session, *, booking_id: int, amount: Decimal, said: Said, tolerance: Decimal
) -> Wanted:
    """What to match the booking with.

    Raises Invalid with a fault beside what is no such document; Conflict where a proposal is no more.
    """
    if said.proposal or said.is_empty:
        found = propose(session, booking_ids=[booking_id], tolerance=tolerance).get(booking_id, [])
        return _proposed(found, said)
    if said.payment:
        return _of_payment(session, said, amount)
    dealer_id = _dealer(session, said.dealer) if said.dealer else None
    if said.invoices:
        dealer_id = _of_invoices(session, said.invoices, dealer_id)
    assert dealer_id is not None  # something was said
    return Wanted(MatchKind.POSTED, dealer_id, said.invoices)


def _proposed(found: Sequence[Proposal], said: Said) -> Wanted:
    if said.proposal:
        for one in found:
            if key_of(one) == said.proposal:
                return Wanted.of(one)
        message = N_("What was proposed is no longer so.")
        raise Conflict("proposal_changed", message, fix=N_("Look at the proposals as they are now."))
    if found:
        return Wanted.of(found[0])
    message, fix = N_("Nothing is proposed for this booking."), N_("Name the invoices or the dealer.")
    raise Invalid(faults=[Fault("/invoices", "nothing_named", message, fix)])


def _dealer(session: Session, code: str) -> int:
    try:
        return dealer_id_of(session, code)
    except NotFound:
        message, fix = N_("There is no dealer of this code."), N_("Check the code.")
        raise Invalid(faults=[Fault("/dealer", "unknown_dealer", message, fix)]) from None


def _of_payment(session: Session, said: Said, amount: Decimal) -> Wanted:
    row = session.execute(_PAYER, {"number": said.payment}).one_or_none()
    if row is None:
        message, fix = N_("There is no payment of this number."), N_("Check the number.")
        raise Invalid(faults=[Fault("/payment", "unknown_payment", message, fix)])
    kind = MatchKind.LINKED if (row.amount > 0) == (amount > 0) else MatchKind.REVERSED
    return Wanted(kind, row.dealer_id, (), said.payment)


def _of_invoices(session: Session, numbers: Sequence[str], dealer_id: int | None) -> int:
    """The dealer whose all of them are."""
    if len(numbers) > INVOICES_MAX:
        message, fix = N_("At most %(max)s invoices for one booking."), N_("Name the dealer alone.")
        raise Invalid(faults=[Fault("/invoices", "too_many", message, fix, {"max": INVOICES_MAX})])
    owners = {row.number: row.dealer_id for row in session.execute(_OWNERS, {"numbers": list(numbers)})}
    first = dealer_id if dealer_id is not None else next(iter(owners.values()), None)
    faults = []
    for place, number in enumerate(numbers):
        if number not in owners:
            message, fix = N_("There is no invoice %(number)s."), N_("Check the number.")
            faults.append(
                Fault(f"/invoices/{place}", "unknown_invoice", message, fix, {"number": number[:40]})
            )
        elif owners[number] != first:
            message, fix = (
                N_("%(number)s is an invoice of another dealer."),
                N_("One booking is one dealer's payment."),
            )
            faults.append(
                Fault(f"/invoices/{place}", "another_dealer", message, fix, {"number": number[:40]})
            )
    if faults:
        raise Invalid(faults=faults)
    assert first is not None  # without owners every number is unknown
    return first


_PAYER = text("SELECT dealer_id, amount FROM payment WHERE number = :number")
_OWNERS = text(
    """
    SELECT number, dealer_id FROM invoice WHERE number = ANY(:numbers) AND kind = 'invoice'
    UNION ALL SELECT number, dealer_id FROM service_invoice WHERE number = ANY(:numbers)
    """
)
