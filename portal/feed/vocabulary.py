"""The names that others use of the feed: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class FeedRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "notices:read"
    ACKNOWLEDGE = "notices:acknowledge"
    EDIT = "hq:notices"
    PUBLISH = "hq:notices-publish"


class FeedAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    DRAFTED = "notice:drafted"
    EDITED = "notice:edited"
    PUBLISHED = "notice:published"
    CORRECTED = "notice:corrected"
    WITHDRAWN = "notice:withdrawn"
    REVOKED = "notice:revoked"
    ACKNOWLEDGED = "notice:acknowledged"
    REMINDED = "notice:reminded"
    ATTACHED = "notice:attached"
    DETACHED = "notice:detached"
