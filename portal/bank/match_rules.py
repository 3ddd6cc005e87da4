"""What a booking paid: proposals with their reason and how sure they are. Pure.

A proposal is certain, and posts by itself, where two things agree that a person would ask for: who paid, and
what. The dealer's own reference says both, since whoever writes it means the account. Anything else waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from portal.bank.books_rules import CERTAIN, Books, Incoming, MatchKind, Open, Proposal, Reason
from portal.bank.name_rules import folded_name

PROPOSALS_MAX = 5
COMBINED_MAX = 4  # invoices, of any age, that one booking may pay besides all up to one
COMBINED_OF = 18  # open items among which they are looked for
TOGETHER_MAX = 3  # bookings that pay one invoice
_SCORES = {
    Reason.REFERENCE: 95,
    Reason.INVOICE_NUMBERS: 95,
    Reason.NAME_AND_AMOUNT: 92,
    Reason.ACCOUNT_AND_AMOUNT: 92,
    Reason.BOOKED: 88,
    Reason.REVERSAL: 85,
    Reason.TOGETHER: 80,
    Reason.NAME: 70,
    Reason.ACCOUNT: 70,
    Reason.AMOUNT: 40,
}


def proposals_for(booking: Incoming, books: Books, waiting: Sequence[Incoming] = ()) -> list[Proposal]:
    """What a booking may have paid, the surest first.

    waiting: others of the same name that nobody has matched yet.
    """
    if booking.amount < 0:
        return _taken_back(booking, books)
    found: list[Proposal] = []
    named, is_whole = books.by_name(booking.party) if booking.party else (set(), False)
    referred = books.by_reference(booking)
    if len(referred) == 1:
        dealer_id = next(iter(referred))
        contradicted = bool(named) and is_whole and dealer_id not in named
        found.append(_of(booking, books, dealer_id, Reason.REFERENCE, -20 if contradicted else 0))
    found += _by_numbers(booking, books, named)
    found += _by_payer(booking, books, named, Reason.NAME_AND_AMOUNT, Reason.NAME, 0 if is_whole else -8)
    known = books.accounts.get(booking.party_account) if booking.party_account else None
    if known is not None:
        found += _by_payer(booking, books, {known}, Reason.ACCOUNT_AND_AMOUNT, Reason.ACCOUNT, 0)
    found += _together(booking, books, named, waiting)
    if not found:
        found += _by_amount(booking, books)
    found = [_unless_booked(booking, books, one) for one in found]
    if booking.is_twin:
        found = [replace(one, score=min(one.score, CERTAIN - 1)) for one in found]
    return _surest(found)


def _taken_back(booking: Incoming, books: Books) -> list[Proposal]:
    """The payment that a reversal takes back: the latest of the same amount, from the same account."""
    if not booking.is_reversal:
        return []
    found = []
    for one in books.payments:
        payer = books.payer(one.dealer_id)
        if one.amount != -booking.amount or one.is_reversed or one.received_on > booking.on or payer is None:
            continue
        alike = bool(
            (booking.party_account and booking.party_account == one.account)
            or (booking.party and folded_name(booking.party) == folded_name(one.party))
            or (booking.reference and booking.reference == one.reference)
        )
        days = (booking.on - one.received_on).days
        score = _SCORES[Reason.REVERSAL] - (0 if alike else 30) - min(days, 20)
        found.append(
            Proposal(
                MatchKind.REVERSED, one.dealer_id, payer.code, Reason.REVERSAL, max(score, 1), (), one.number
            )
        )
    return _surest(found)


def _of(booking: Incoming, books: Books, dealer_id: int, reason: Reason, less: int = 0) -> Proposal:
    payer = books.payer(dealer_id)
    assert payer is not None  # a proposal is of a dealer of the books
    items, difference = _fitting(books.open_of(dealer_id), booking.amount, books.tolerance)
    return Proposal(
        MatchKind.POSTED,
        dealer_id,
        payer.code,
        reason,
        _SCORES[reason] + less,
        tuple(one.number for one in items),
        difference=difference,
    )


def _by_numbers(booking: Incoming, books: Books, named: set[int]) -> list[Proposal]:
    """By the numbers of invoices in the text: certain if they make the amount."""
    items = books.by_numbers(booking.said)
    dealers = {one.dealer_id for one in items}
    if len(dealers) != 1:
        return []
    dealer_id = next(iter(dealers))
    payer = books.payer(dealer_id)
    if payer is None:
        return []
    difference = booking.amount - sum((one.amount for one in items), Decimal(0))
    fits = abs(difference) <= books.tolerance
    score = _SCORES[Reason.INVOICE_NUMBERS] - (0 if fits else 15)
    if named and dealer_id not in named:
        score -= 20
    numbers = tuple(one.number for one in items)
    return [
        Proposal(
            MatchKind.POSTED,
            dealer_id,
            payer.code,
            Reason.INVOICE_NUMBERS,
            score,
            numbers,
            difference=difference,
        )
    ]


def _by_payer(
    booking: Incoming, books: Books, dealers: Iterable[int], certain: Reason, likely: Reason, less: int
) -> list[Proposal]:
    """By who paid; with an amount that is owed it is certain, if only one is called so."""
    known = sorted(dealers)
    found = []
    for dealer_id in known:
        payer = books.payer(dealer_id)
        if payer is None:
            continue
        items, _ = _fitting(books.open_of(dealer_id), booking.amount, books.tolerance)
        of_all = abs(payer.balance - booking.amount) <= books.tolerance and payer.balance > 0
        reason = certain if items or of_all else likely
        found.append(_of(booking, books, dealer_id, reason, less - (20 if len(known) > 1 else 0)))
    return found


def _together(
    booking: Incoming, books: Books, named: set[int], waiting: Sequence[Incoming]
) -> list[Proposal]:
    """Several bookings of one payer that make one invoice."""
    if len(named) != 1:
        return []
    dealer_id = next(iter(named))
    party = folded_name(booking.party)
    others = [
        one for one in waiting if one.id != booking.id and one.amount > 0 and folded_name(one.party) == party
    ][:8]
    for item in books.open_of(dealer_id)[:COMBINED_OF]:
        for count in range(1, TOGETHER_MAX):
            for some in combinations(others, count):
                total = booking.amount + sum((one.amount for one in some), Decimal(0))
                if abs(item.amount - total) <= books.tolerance:
                    payer = books.payer(dealer_id)
                    assert payer is not None  # it is named in the books
                    score = _SCORES[Reason.TOGETHER]
                    numbers = (item.number,)
                    return [
                        Proposal(MatchKind.POSTED, dealer_id, payer.code, Reason.TOGETHER, score, numbers)
                    ]
    return []


def _by_amount(booking: Incoming, books: Books) -> list[Proposal]:
    """By an amount that one dealer owes and no other."""
    owing = books.owing(booking.amount)
    few = sorted(owing)[:PROPOSALS_MAX]
    less = 0 if len(owing) == 1 else -15
    return [
        _of(booking, books, dealer_id, Reason.AMOUNT, less) for dealer_id in few if books.payer(dealer_id)
    ]


def _unless_booked(booking: Incoming, books: Books, one: Proposal) -> Proposal:
    """A payment that somebody posted already is found, and not posted a second time."""
    for payment in books.posted(one.dealer_id, booking.amount):
        if (
            not payment.is_linked
            and not payment.is_reversed
            and abs((payment.received_on - booking.on).days) <= 5
        ):
            return Proposal(
                MatchKind.LINKED,
                one.dealer_id,
                one.code,
                Reason.BOOKED,
                min(_SCORES[Reason.BOOKED], one.score),
                (),
                payment.number,
            )
    return one


def _surest(found: Iterable[Proposal]) -> list[Proposal]:
    """The surest of each dealer, the surest first; two that are as sure are not certain."""
    best: dict[int, Proposal] = {}
    for one in sorted(found, key=lambda one: (-one.score, one.code, one.payment_no)):
        best.setdefault(one.dealer_id, one)
    return list(best.values())[:PROPOSALS_MAX]


def certain(found: Sequence[Proposal]) -> Proposal | None:
    """The proposal that posts by itself: certain, and no other is."""
    sure = [one for one in found if one.is_certain]
    return sure[0] if len(sure) == 1 else None


def _fitting(items: Sequence[Open], amount: Decimal, tolerance: Decimal) -> tuple[list[Open], Decimal]:
    """The open items that an amount pays: one, all up to one, or a few; none where two choices would do."""
    if alone := [one for one in items if one.amount == amount]:
        return [alone[0]], Decimal(0)
    total, run = Decimal(0), []
    for one in items:
        total += one.amount
        run.append(one)
        if abs(total - amount) <= tolerance:
            return run, amount - total
        if total > amount + tolerance:
            break
    if near := [one for one in items if abs(one.amount - amount) <= tolerance]:
        return [near[0]], amount - near[0].amount
    return _few(items[:COMBINED_OF], amount)


def _few(items: Sequence[Open], amount: Decimal) -> tuple[list[Open], Decimal]:
    """The only few items that make an amount exactly."""
    for count in range(2, COMBINED_MAX + 1):
        made = [some for some in combinations(items, count) if sum(one.amount for one in some) == amount]
        if len(made) == 1:
            return list(made[0]), Decimal(0)
        if made:
            return [], Decimal(0)
    return [], Decimal(0)
