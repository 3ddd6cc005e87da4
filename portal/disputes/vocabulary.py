"""The names that others use of disputes: acts of the audit and events."""

from __future__ import annotations

from enum import StrEnum


class DisputeAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    OPENED = "dispute:opened"
    SAID = "dispute:said"
    WITHDRAWN = "dispute:withdrawn"
    PROPOSED = "dispute:answer-proposed"
    RESOLVED = "dispute:resolved"


OPENED, SAID, ANSWERED = "dispute.opened", "dispute.said", "dispute.answered"
