"""The names that others use of notifications: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.manifest import AtRest


class NotificationRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words. The own inbox needs none."""

    READ = "notifications:read"
    STAFF_READ = "hq:notifications-read"
    ROBOTS = "hq:robots"
    BOUNCES = "hq:mail-bounces"


class NotificationAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    CHOSEN = "notification:chosen"
    UNSUBSCRIBED = "notification:unsubscribed"
    SUSPENDED = "mail:suspended"
    RESUMED = "mail:resumed"
    ROBOT_KEPT = "robot:kept"
    ROBOT_TRIED = "robot:tried"


ROBOTS = AtRest("robot", "sealed", "robot")
