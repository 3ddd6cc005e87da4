"""The names that others use of rebates: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class RebateRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "rebates:read"
    PROPOSE = "hq:rebates"
    APPROVE = "hq:rebates-approve"


class RebateAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    DRAFTED = "rebate_programme:drafted"
    EDITED = "rebate_programme:edited"
    SUBMITTED = "rebate_programme:submitted"
    RECALLED = "rebate_programme:recalled"
    APPROVED = "rebate_programme:approved"
    REJECTED = "rebate_programme:rejected"
    PUBLISHED = "rebate_programme:published"
    WITHDRAWN = "rebate_programme:withdrawn"
    SIMULATED = "rebate_programme:simulated"
    AMENDMENT_DRAFTED = "rebate_amendment:drafted"
    AMENDMENT_EDITED = "rebate_amendment:edited"
    AMENDMENT_SUBMITTED = "rebate_amendment:submitted"
    AMENDMENT_RECALLED = "rebate_amendment:recalled"
    AMENDMENT_APPROVED = "rebate_amendment:approved"
    AMENDMENT_REJECTED = "rebate_amendment:rejected"
    AMENDMENT_PUBLISHED = "rebate_amendment:published"
    AMENDMENT_WITHDRAWN = "rebate_amendment:withdrawn"
    FACT_STATED = "rebate_fact:stated"
    FACT_CONFIRMED = "rebate_fact:confirmed"
    FACT_REFUSED = "rebate_fact:refused"
