"""What an order keeps of how it was judged: its verdict, and for each line what entitled the dealer to it."""

from __future__ import annotations

from datetime import date

import orjson

from portal.orders.assess import Assessment
from portal.orders.compliance_rules import Permissions, proof
from portal.orders.severity_rules import kept


def proofs_kept(permissions: Permissions, assessment: Assessment, on: date) -> dict[str, str]:
    """Parameters ``verdict`` and ``proofs`` of the statement that writes the order, as JSON."""
    proofs = [
        proof(permissions, line.offer, on, made_in_time=line.offer.sku in assessment.made_in_time).as_json()
        for line in assessment.lines
    ]
    return {
        "verdict": orjson.dumps(kept(assessment.verdict)).decode(),
        "proofs": orjson.dumps(proofs).decode(),
    }
