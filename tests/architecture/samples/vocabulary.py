"""Rights and acts around samples."""

from __future__ import annotations

from enum import StrEnum


class SampleRight(StrEnum):
    """Named ``subject:act``."""

    READ = "samples:read"
    WRITE = "samples:write"


class SampleAction(StrEnum):
    """What the audit tells."""

    SAMPLE_ASKED = "sample:asked"
