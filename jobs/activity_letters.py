"""The letter about an activity, to the dealer who planned it."""

from __future__ import annotations

from decimal import Decimal

from jobs.letters import Letter, labelled, language_of
from portal.budgets.rules import ActivityState
from portal.kernel.errors import N_
from portal.kernel.formats import money
from portal.kernel.translations import words

_SENTENCES = {
    ActivityState.APPROVED: N_(
        "Your activity is approved. You may claim its costs up to the approved amount."
    ),
    ActivityState.REJECTED: N_("Your activity is rejected. The reason stands below."),
    ActivityState.RETURNED: N_("Please complete your activity in the portal and ask for approval again."),
}
_SINCE = N_("Your activity has gone on meanwhile. Open it to see how it stands.")


def activity_decided(
    locale: str,
    *,
    number: str,
    title: str,
    state: str,
    planned: Decimal,
    approved: Decimal | None,
    reason: str,
    currency: str,
) -> Letter:
    """What headquarters decided on an activity: approved, in part or whole, sent back, or rejected."""
    translated = words(language_of(locale)).gettext
    facts = {
        N_("Activity"): f"{number} {title}",
        N_("Planned amount"): money(planned, currency=currency),
        N_("Approved amount"): money(approved, currency=currency) if approved is not None else "",
        N_("Reason"): reason,
    }
    return Letter(
        translated(N_("Activity %(number)s")) % {"number": number},
        translated(_SENTENCES.get(ActivityState(state), _SINCE)),
        labelled(locale, facts),
        f"/rebates/activities/{number}",
    )
