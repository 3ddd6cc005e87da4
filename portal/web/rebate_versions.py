"""The tiers of a programme by the day from which they hold: as it was published, and as it was amended."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from portal.kernel.proposal_life import ProposalState
from portal.rebates.amendments import Amendment
from portal.rebates.terms import Terms, TierTerms
from portal.web.rebate_words import rates_in_words


@dataclass(frozen=True, slots=True)
class Version:
    """Tiers and their first day. at, who: of the publication. number, href: of an amendment."""

    starts_on: date
    rates: str
    state: str
    why: str = ""
    at: datetime | None = None
    who: str = ""
    number: str = ""
    href: str = ""


def versions_of(
    terms: Terms,
    amendments: Iterable[Amendment],
    *,
    state: str = ProposalState.PUBLISHED,
    address_of: Callable[[Amendment], str] | None = None,
) -> list[Version]:
    """Every table, by its first day. state: of the programme. address_of: of an amendment, for headquarters.

    Without addresses nobody is named.
    """
    of_their_own = list(amendments)
    days = {one.starts_on for one in of_their_own if one.state == ProposalState.PUBLISHED}
    written: list[tuple[date | None, tuple[TierTerms, ...]]] = [(terms.valid_from, terms.tiers_of)]
    written += [(one.start, one.tiers_of) for one in terms.amendments if one.start not in days]
    found = [Version(day, rates_in_words(terms, tiers), state) for day, tiers in written if day is not None]
    found += [
        Version(
            one.starts_on,
            rates_in_words(terms, one.tiers_of),
            one.state,
            one.why,
            one.published_at,
            one.published_by_label or "" if address_of else "",
            one.number,
            address_of(one) if address_of else "",
        )
        for one in of_their_own
    ]
    return sorted(found, key=lambda one: one.starts_on)
