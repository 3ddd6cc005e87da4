"""The names that others use of files: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class FileRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    WRITE = "files:write"
    DESK = "hq:files"


class FileAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    UPLOADED = "file:uploaded"
    ATTACHED = "file:attached"
    REMOVED = "file:removed"
