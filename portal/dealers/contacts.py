"""Contact data of a dealer: masked for whoever does not need it, shown for a reason that the audit keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from portal.audit.record import record
from portal.dealers.queries import Address
from portal.dealers.rules import reason_faults
from portal.dealers.vocabulary import DealerAction, DealerRight
from portal.kernel.actor import Actor
from portal.kernel.errors import Invalid

_SHOWN = 4  # digits at the end


def masked(number: str) -> str:
    """A telephone number of which the end is left, as it is enough to tell two apart."""
    digits = sum(character.isdigit() for character in number)
    hidden = max(digits - _SHOWN, 0)
    shown = []
    for character in number:
        if character.isdigit() and hidden:
            hidden -= 1
            shown.append("*")
        else:
            shown.append(character)
    return "".join(shown)


def masked_name(name: str) -> str:
    """A name of which the first character is left."""
    return name[:1] + "*" * (len(name) - 1)


def seen_by(actor: Actor, addresses: Sequence[Address]) -> list[Address]:
    """Addresses as somebody may see them: whoever delivers or visits sees the contact, others a mask."""
    if not actor.is_staff or actor.may(DealerRight.CONTACTS):
        return list(addresses)
    return [
        replace(one, contact_name=masked_name(one.contact_name), contact_phone=masked(one.contact_phone))
        for one in addresses
    ]


def show_contacts(session: Session, *, actor: Actor, dealer_id: int, code: str, reason: str) -> None:
    """Let somebody see the contacts of a dealer once, and keep why.

    Raises Invalid without a reason, Forbidden.
    """
    actor.require(DealerRight.HEADQUARTERS)
    said = reason.strip()
    if faults := reason_faults(said):
        raise Invalid(faults=faults)
    record(session, DealerAction.CONTACTS_SHOWN, code, actor=actor, dealer_id=dealer_id, reason=said)
