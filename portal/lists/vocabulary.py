"""The names that others use of lists: acts of the audit, and a refusal."""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.errors import N_

MEANWHILE = N_(
    "You saved another view of this list at the same moment. Look at them and save this one again."
)


class ListAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    EXPORTED = "list:exported"
