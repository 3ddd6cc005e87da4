"""The letters about rebate claims: to the dealer, and to those who can sign."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from jobs.letters import Letter, labelled, language_of
from portal.claims.life import ClaimState
from portal.kernel.errors import N_
from portal.kernel.formats import money
from portal.kernel.translations import words

_SENTENCES = {
    ClaimState.PAID: N_("Your claim is approved and paid: the note stands on your account."),
    ClaimState.REJECTED: N_("Your claim is rejected. The reason stands below."),
    ClaimState.RETURNED: N_("Please complete your claim in the portal and submit it again."),
}
_SINCE = N_("Your claim has gone on meanwhile. Open it to see how it stands.")


def claim_decided(
    locale: str,
    *,
    number: str,
    state: str,
    asked: Decimal,
    approved: Decimal | None,
    note: str,
    paid_no: str,
    currency: str,
) -> Letter:
    """What became of a claim: approved, paid, rejected or sent back."""
    translated = words(language_of(locale)).gettext
    facts = {
        N_("Claim"): number,
        N_("Asked"): money(asked, currency=currency),
        N_("Approved"): money(approved, currency=currency) if approved is not None else "",
        N_("Reason"): note,
        N_("Note"): paid_no,
    }
    return Letter(
        translated(N_("Rebate claim %(number)s")) % {"number": number},
        translated(_SENTENCES.get(ClaimState(state), _SINCE)),
        labelled(locale, facts),
        f"/rebates/claims/{number}",
    )


def claim_waiting(
    locale: str,
    *,
    number: str,
    dealer: tuple[str, str],
    asked: Decimal,
    due_before: date | None,
    currency: str,
) -> Letter:
    """A claim waits for a signature of the reader's. due_before: the day on which its time has run out."""
    language = language_of(locale)
    translated = words(language).gettext
    facts = {
        N_("Claim"): number,
        N_("Dealer"): dealer[0] if language == "zh" else dealer[1],
        N_("Asked"): money(asked, currency=currency),
        N_("To be decided by"): (due_before - timedelta(days=1)).isoformat() if due_before else "",
    }
    return Letter(
        translated(N_("Rebate claim %(number)s waits for you")) % {"number": number},
        translated(N_("Nobody has signed it yet, and its time runs out. Please decide in the portal.")),
        labelled(locale, facts),
        f"/hq/rebates/claims/{number}",
    )
