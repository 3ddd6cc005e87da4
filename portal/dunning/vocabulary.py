"""The names that others use of dunning: acts of the audit, events and effects."""

from __future__ import annotations

from enum import StrEnum


class DunningAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    POLICY_SET = "dunning_policy:set"
    RUN_PROPOSED = "dunning_run:proposed"
    RUN_RELEASED = "dunning_run:released"
    RUN_DISCARDED = "dunning_run:discarded"
    LETTER_SENT = "dunning_letter:sent"
    LETTER_SETTLED = "dunning_letter:settled"
    LETTER_DOWNLOADED = "dunning_letter:downloaded"
    INTEREST_POSTED = "dunning_letter:interest_posted"


SENT = "dunning.sent"
"""A letter was sent to a dealer."""
TO_REVIEW = "dunning.to_review"
"""A run waits for somebody who looks at it."""
SEND = "dunning.send"
"""The letters of a run were released, and are written one by one."""
