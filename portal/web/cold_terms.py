"""What a transport of cold goods is allowed, by the settings, and its words in the visitor's language."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext

from portal.coldchain.queries import ColdRecord
from portal.coldchain.rules import RecordState, Tolerance
from portal.coldchain.words import FINDINGS, TRANSPORTS
from portal.web.request import portal


def cold_tolerance() -> Tolerance:
    """What a transport is allowed."""
    settings = portal().settings
    return Tolerance(
        settings.cold_tolerance_celsius,
        timedelta(minutes=settings.cold_out_minutes),
        timedelta(minutes=settings.cold_interval_minutes),
    )


def transport_words() -> dict[str, str]:
    """The ways cold goods travel."""
    return {str(transport): gettext(word) for transport, word in TRANSPORTS.items()}


def finding_words() -> dict[str, str]:
    """What speaks against a transport."""
    return {str(kind): gettext(word) for kind, word in FINDINGS.items()}


def cold_words(record: ColdRecord | None, *, has_cold_goods: bool) -> str | None:
    """What a dealer has to know of the cold goods of a shipment; None where there is nothing."""
    if record is not None and record.state == RecordState.WAITING:
        return gettext(
            "The cold goods of this shipment are in quarantine: set them apart and do not use them"
            " until quality has decided."
        )
    if record is not None and record.state == RecordState.CONDEMNED:
        return gettext("Quality has condemned the cold goods of this shipment: do not use them.")
    if has_cold_goods and (record is None or record.departed_at is None):
        return gettext(
            "Headquarters has not recorded the temperature at departure:"
            " keep the goods cold and ask for the record."
        )
    return None
