"""The names that others use of rebate claims: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class ClaimRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    WRITE = "rebates:claim"
    MANAGE = "hq:rebate-claims"
    FINANCE = "hq:rebate-claims-finance"


class ClaimAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    DRAFTED = "rebate_claim:drafted"
    EDITED = "rebate_claim:edited"
    SUBMITTED = "rebate_claim:submitted"
    WITHDRAWN = "rebate_claim:withdrawn"
    STEP_APPROVED = "rebate_claim:step_approved"
    APPROVED = "rebate_claim:approved"
    REJECTED = "rebate_claim:rejected"
    RETURNED = "rebate_claim:returned"
    PAID = "rebate_claim:paid"
    CHAIN_PROPOSED = "claim_chain:proposed"
    CHAIN_SET = "claim_chain:set"
    CHAIN_REJECTED = "claim_chain:rejected"
    DELEGATED = "claim_delegation:made"
    DELEGATION_ENDED = "claim_delegation:ended"
