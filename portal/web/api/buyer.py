"""For which dealer a call is made: a dealer's system for its own, headquarters for the one it names."""

from __future__ import annotations

from datetime import date, datetime

from portal.dealers.queries import DealerFacts, dealer_id_of
from portal.dealers.vocabulary import DealerRight
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import N_, Fault, Invalid
from portal.ledger.vocabulary import LedgerRight
from portal.orders.vocabulary import OrderRight
from portal.pricing.vocabulary import PriceRight
from portal.web.reference_cache import dealer_facts
from portal.web.request import current_actor, current_session, portal


def buyer(code: str | None = None, at: datetime | None = None) -> DealerFacts:
    """The dealer whose prices, stock and orders these are, as it is at `at`, now if that is not said.

    Raises Invalid when headquarters names none, NotFound out of scope.
    """
    return dealer_facts(buyer_id(code), at)


def buyer_id(code: str | None) -> int:
    """Id of that dealer, without a look-up where a dealer's own system names none.

    The scope hides every other dealer from it.
    """
    actor = current_actor()
    if code is not None:
        return dealer_id_of(current_session(), code)
    if actor.dealer_id is None:
        fix = N_("Name the dealer by its code.")
        raise Invalid(faults=[Fault("/dealer", "missing", N_("Headquarters acts for a dealer here."), fix)])
    return actor.dealer_id


def named_dealer(code: str | None) -> int | None:
    """Id of the dealer a list is limited to.

    An own system's own, the one headquarters names, None for all within its scope.
    """
    return current_actor().dealer_id if code is None else buyer_id(code)


def sees_prices(actor: Actor) -> bool:
    """Whether prices and amounts of orders are shown to the actor.

    Not to a warehouse's or a catalogue's system.
    """
    return may(actor, PriceRight.READ, DealerRight.HEADQUARTERS, OrderRight.DESK, LedgerRight.READ)


def now_and_today() -> tuple[datetime, date]:
    """This moment and its business date."""
    at = clock.now()
    return at, clock.business_date(at, portal().settings.timezone)


def may(actor: Actor, *rights: str) -> bool:
    """Whether the actor holds at least one of the rights."""
    return any(right in actor.rights for right in rights)
