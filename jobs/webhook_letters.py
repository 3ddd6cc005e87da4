"""The letter about a webhook that paused itself."""

from __future__ import annotations

from jobs.letters import Letter, labelled, language_of
from portal.kernel.errors import N_
from portal.kernel.translations import words
from portal.webhooks.rules import StopReason


def stopped(locale: str, *, number: str, name: str, host: str, reason: str, at_headquarters: bool) -> Letter:
    """Nothing is sent to a receiver any more until somebody lets it go on."""
    translated = words(language_of(locale)).gettext
    failing = N_(
        "Nothing but failures came back for days, so the webhook has been paused. What happens meanwhile is "
        "kept for 30 days and sent when you let it go on."
    )
    gone = N_("The receiver answered that it is gone (410), so the webhook has been paused.")
    facts = {N_("Webhook"): number, N_("Name"): name, N_("Receiver"): host}
    return Letter(
        translated(N_("Webhook %(name)s paused itself")) % {"name": name},
        translated(gone if reason == StopReason.GONE else failing),
        labelled(locale, facts),
        f"/hq/webhooks/{number}" if at_headquarters else f"/webhooks/{number}",
    )
