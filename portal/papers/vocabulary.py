"""The names that others use of papers: rights, acts of the audit, events."""

from __future__ import annotations

from enum import StrEnum


class PaperRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "papers:read"
    FILE = "papers:write"
    DESK = "hq:papers"
    REVIEW = "hq:papers-review"
    AUTHORISE = "hq:authorisations"
    APPROVE = "hq:authorisations-approve"


class PaperAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    FILED = "paper:filed"
    WITHDRAWN = "paper:withdrawn"
    ACCEPTED = "paper:accepted"
    REFUSED = "paper:refused"
    REPLACED = "paper:replaced"
    REVOKED = "paper:revoked"
    PACKED = "paper:packed"
    PROPOSED = "authorisation:proposed"
    APPROVED = "authorisation:approved"
    REJECTED = "authorisation:rejected"
    TAKEN_BACK = "authorisation:taken_back"
    ENDED = "authorisation:ended"


FILED = "paper.filed"
"""To quality: a paper waits for its review."""
DECIDED = "paper.decided"
"""To the dealer: what became of a paper."""
EXPIRING = "paper.expiring"
"""To the dealer: a paper of its ends soon."""
EXPIRING_DESK = "paper.expiring_desk"
"""To headquarters: a paper of a dealer ends soon."""
AUTHORISATION_PROPOSED = "authorisation.proposed"
"""To headquarters: an authorisation waits for another person."""
AUTHORISATION_CHANGED = "authorisation.changed"
"""To the dealer: an authorisation begins, or was ended."""
