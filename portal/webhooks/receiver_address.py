"""What is wrong with the address of a receiver, as far as can be told before anything is sent."""

from __future__ import annotations

from portal.kernel.errors import N_, Fault
from portal.kernel.out_addresses import REFUSALS, URL_MAX, AddressRefused, destination


def url_faults(url: str, *, plain: bool) -> list[Fault]:
    """What is wrong with an address; where it leads to is judged when something is sent. plain: http too."""
    fix = N_("Enter the complete address, such as https://erp.example.com/webhooks.")
    try:
        to = destination(url)
    except AddressRefused as refused:
        return [Fault("/url", str(refused.refusal), REFUSALS[refused.refusal], fix, {"max": URL_MAX})]
    if to.scheme != "https" and not plain:
        message = N_("Only addresses that begin with https:// are allowed.")
        return [Fault("/url", "not_https", message, fix)]
    return []
