"""The bank: statements taken in, and the queue of bookings that nobody has matched yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.bank import queries
from portal.bank.books_rules import BookingState, MatchKind, Proposal
from portal.bank.by_hand import Said, key_of, understood
from portal.bank.match_booking import CURRENCY, Matched, Terms, match_booking
from portal.bank.proposals import propose
from portal.bank.queries import BookingRow
from portal.bank.undo_match import set_aside, take_up, unmatch_booking
from portal.bank.words import MATCH_KINDS, REASONS
from portal.kernel import clock, typed
from portal.kernel.errors import N_, DomainError, NotFound
from portal.kernel.paging import Page
from portal.ledger.record_payment import caution_of
from portal.ledger.rules import Doubt
from portal.ledger.vocabulary import LedgerRight
from portal.web.acting import Answer, acted, refused
from portal.web.forms import Flag, Form, Stripped, read_form, takes_columns
from portal.web.listing.declaration import Column, Kind, Listing
from portal.web.listing.page import show_list, sort_of_address
from portal.web.presentation import in_full, labels
from portal.web.rendering import requires
from portal.web.request import current_actor, current_session, portal, request
from portal.web.sent_once import Said as Told
from portal.web.status_looks import status_look

blueprint = Blueprint("bank", __name__, url_prefix="/hq/bank")

READERS = (LedgerRight.READ, LedgerRight.POST)

QUEUE = Listing(
    "bank-queue",
    N_("Bank bookings"),
    (
        Column("booked_on", N_("Day"), Kind.DATE, is_sortable=True, width="c-12"),
        Column("party", N_("Other party"), css="cell-wide"),
        Column("remittance", N_("Remittance text"), css="cell-wide"),
        Column("amount", N_("Amount"), Kind.MONEY, width="c-15"),
        Column("dealer", N_("Dealer"), Kind.CODE, width="c-18"),
        Column("reason", N_("Why"), Kind.WORD, words=REASONS, shown=False),
        Column("score", N_("Score"), Kind.QUANTITY, shown=False),
        Column("party_account", N_("Its account"), shown=False),
        Column("reference", N_("Bank reference"), shown=False),
        Column("bank_reference", N_("Number at the bank"), shown=False),
        Column("account", N_("Own account"), shown=False),
        Column("state", N_("Status"), Kind.STATUS, status="bank booking", shown=False),
        Column("note", N_("Note"), shown=False),
        Column("payment_no", N_("Payment"), shown=False),
        Column("file", N_("Statement"), shown=False),
    ),
    sort=queries.OLDEST_FIRST,
)


class MatchForm(Form):
    """What a booking paid, as somebody says it."""

    proposal: str
    invoices: Stripped
    dealer: Stripped
    payment: Stripped
    confirm_duplicate: Flag
    confirm_amount: Flag
    back: str


class ReasonForm(Form):
    """Why a match is taken back, or a booking set aside."""

    reason: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A booking of the queue with the surest proposal."""

    row: BookingRow
    proposals: Sequence[Proposal]

    def __getattr__(self, name: str) -> Any:
        """What the booking itself says."""
        return getattr(self.row, name)

    @property
    def first(self) -> Proposal | None:
        """What one key accepts."""
        return self.proposals[0] if self.proposals else None

    @property
    def dealer(self) -> str:
        """Whose it is, or may be."""
        return self.row.dealer_code or (self.first.code if self.first else "")

    @property
    def reason(self) -> str | None:
        """Why."""
        return self.row.reason or (self.first.reason if self.first else None)

    @property
    def score(self) -> int | None:
        """How sure that is, of a hundred."""
        return self.first.score if self.first else None

    @property
    def key(self) -> str:
        """Names the first proposal."""
        return key_of(self.first) if self.first else ""


@blueprint.get("")
@requires(*READERS)
@takes_columns("column")
def queue() -> str | Response:
    """What waits, the oldest first; or bookings in another state."""
    said = request.args.get("state", "")
    state = BookingState(said) if said in list(BookingState) else BookingState.WAITING
    session, sort = current_session(), sort_of_address(QUEUE)

    def fetch(cursor: str | None, limit: int) -> Page[QueueRow]:
        page = queries.queue(session, state=state, cursor=cursor, limit=limit, sort=sort)
        found = _proposals(page.items)
        rows = tuple(QueueRow(one, found.get(one.id, ())) for one in page.items)
        return Page(rows, page.next_cursor, page.previous_cursor)

    return show_list(
        QUEUE,
        fetch,
        "backoffice/bank/queue.html",
        {"state": str(state), "reasons": labels(REASONS), "may_match": _may_match()},
        page_only=lambda: {
            "tabs": [
                (
                    url_for("bank.queue", state=one),
                    status_look("bank booking", one).label,
                    one == state,
                    queries.waiting_count(session) if one == BookingState.WAITING else None,
                )
                for one in BookingState
            ]
        },
        count=lambda: queries.count_bookings(session, state),
    )


@blueprint.get("/files/<number>/bookings/<n>")
@requires(*READERS)
def booking(number: str, n: str) -> str:
    """One booking with what it paid, or may have paid."""
    return _page(number, n)


@blueprint.post("/files/<number>/bookings/<n>/match")
@requires(LedgerRight.POST)
def match(number: str, n: str) -> Answer:
    """Accept a proposal, or match by hand."""
    form, row = read_form(MatchForm), _row(number, n)
    at = clock.now()
    said = Said(tuple(form.invoices.replace(",", " ").split()), form.dealer, form.payment, form.proposal)
    confirmed = {Doubt.DUPLICATE: form.confirm_duplicate, Doubt.AMOUNT: form.confirm_amount}

    def act() -> Matched:
        session, terms = current_session(), bank_terms()
        return match_booking(
            session,
            actor=current_actor(),
            booking_id=row.id,
            wanted=understood(
                session, booking_id=row.id, amount=row.amount, said=said, tolerance=terms.tolerance
            ),
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
            caution=terms.caution,
            confirmed={doubt for doubt, is_confirmed in confirmed.items() if is_confirmed},
        )

    def then(done: Matched) -> Told:
        words = {
            MatchKind.POSTED: gettext("%(number)s has been posted.", number=done.payment_no),
            MatchKind.LINKED: gettext("The booking belongs to %(number)s.", number=done.payment_no),
            MatchKind.REVERSED: gettext("%(number)s has been reversed.", number=done.payment_no),
        }
        here = url_for("bank.booking", number=number, n=n)
        return Told(words[done.kind], url_for("bank.queue") if form.back == "queue" else here)

    return acted(act, shown=lambda refusal: _page(number, n, refusal), then=then)


@blueprint.post("/files/<number>/bookings/<n>/unmatch")
@requires(LedgerRight.POST)
def unmatch(number: str, n: str) -> Answer:
    """Take a match back."""
    at = clock.now()

    def act() -> str:
        return unmatch_booking(
            current_session(),
            actor=current_actor(),
            booking_id=_row(number, n).id,
            reason=read_form(ReasonForm).reason,
            today=clock.business_date(at, portal().settings.timezone),
            at=at,
        )

    return acted(
        act,
        shown=lambda refusal: _page(number, n, refusal),
        then=lambda payment: Told(
            gettext("The booking waits again; %(number)s is no longer its payment.", number=payment),
            url_for("bank.booking", number=number, n=n),
        ),
    )


@blueprint.post("/files/<number>/bookings/<n>/aside")
@requires(LedgerRight.POST)
def aside(number: str, n: str) -> Answer:
    """Say that a booking is no dealer's payment."""
    return acted(
        lambda: set_aside(
            current_session(),
            actor=current_actor(),
            booking_id=_row(number, n).id,
            reason=read_form(ReasonForm).reason,
            at=clock.now(),
        ),
        shown=lambda refusal: _page(number, n, refusal),
        then=lambda _: Told(gettext("The booking is set aside."), url_for("bank.queue")),
    )


@blueprint.post("/files/<number>/bookings/<n>/return")
@requires(LedgerRight.POST)
def take_back(number: str, n: str) -> Answer:
    """Have a booking wait after all."""
    return acted(
        lambda: take_up(
            current_session(), actor=current_actor(), booking_id=_row(number, n).id, at=clock.now()
        ),
        shown=lambda refusal: _page(number, n, refusal),
        then=lambda _: Told(gettext("The booking waits."), url_for("bank.booking", number=number, n=n)),
    )


def bank_terms() -> Terms:
    """What matching goes by."""
    settings = portal().settings
    return Terms(caution_of(settings), settings.bank_tolerance)


def _may_match() -> bool:
    return current_actor().may(LedgerRight.POST)


def _proposals(rows: Sequence[BookingRow]) -> dict[int, list[Proposal]]:
    waiting = [one.id for one in rows if one.state == BookingState.WAITING and one.currency == CURRENCY]
    return propose(current_session(), booking_ids=waiting, tolerance=bank_terms().tolerance)


def _row(number: str, n: str) -> BookingRow:
    place = typed.own_number(n)
    if place is None or place >= 2**31:
        raise NotFound()
    return queries.line(current_session(), number=number, n=place)


def _page(number: str, n: str, refusal: DomainError | None = None) -> str:
    row = _row(number, n)
    found = _proposals([row]).get(row.id, [])
    faults = refusal.faults if refusal else ()
    return render_template(
        "backoffice/bank/booking.html",
        **refused(refusal),
        booking=row,
        is_foreign=row.currency != CURRENCY,
        books_currency=CURRENCY,
        proposals=[(one, key_of(one)) for one in found],
        reasons=labels(REASONS),
        kinds=labels(MATCH_KINDS),
        may_match=_may_match(),
        invoice_faults=[in_full(one) for one in faults if one.pointer.startswith("/invoices")],
        doubts={one.code for one in faults},
    )
