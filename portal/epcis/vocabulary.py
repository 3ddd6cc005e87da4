"""The names that others use of EPCIS events: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class EpcisRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    CAPTURE = "epcis:capture"
    READ = "epcis:read"
    HEADQUARTERS = "hq:epcis"


class EpcisAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    TAKEN = "epcis_capture:taken"
    DONE = "epcis_capture:done"
    FAILED = "epcis_capture:failed"
