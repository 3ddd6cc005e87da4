"""The words for why nothing was answered, and why a subscription paused itself."""

from __future__ import annotations

from portal.kernel.errors import N_
from portal.kernel.out_addresses import REFUSALS
from portal.webhooks.rules import StopReason

ERRORS = {
    "timeout": N_("No answer in time"),
    "host_unknown": N_("The host is unknown"),
    "tls": N_("The certificate was not accepted"),
    "connection": N_("No connection"),
    "protocol": N_("The answer was no HTTP"),
    "secret_lost": N_("The secret cannot be read any more; make a new one"),
    "error": N_("Could not be sent"),
    **{str(refusal): message for refusal, message in REFUSALS.items()},
}
STOP_REASONS = {
    StopReason.FAILING: N_("Nothing but failures for days"),
    StopReason.GONE: N_("The receiver answered that it is gone (410)"),
}
