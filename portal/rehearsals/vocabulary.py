"""The names that others use of rehearsals: acts of the audit. Its rights are those of price policies."""

from __future__ import annotations

from enum import StrEnum


class RehearsalAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    ASKED = "rehearsal:asked"
