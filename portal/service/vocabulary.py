"""The names that others use of service: rights, acts of the audit, effects."""

from __future__ import annotations

from enum import StrEnum


class ServiceRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    READ = "service:read"
    WRITE = "service:write"
    DESK = "hq:service-desk"
    WORK = "hq:service-technician"
    RULES = "hq:service-rules"


STAFF = (ServiceRight.DESK, ServiceRight.WORK)
"""Any of them opens a request at headquarters."""
READERS = (ServiceRight.READ, ServiceRight.WRITE, *STAFF)
"""Any of them opens a request."""


class ServiceAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    OPENED = "service_request:opened"
    SAID = "service_request:said"
    NOTED = "service_request:noted"
    ASSIGNED = "service_request:assigned"
    TAKEN = "service_request:taken"
    ASKED = "service_request:asked"
    SORTED = "service_request:sorted"
    RESOLVED = "service_request:resolved"
    CLOSED = "service_request:closed"
    REOPENED = "service_request:reopened"
    CANCELLED = "service_request:cancelled"
    MERGED = "service_request:merged"
    ESCALATED = "service_request:escalated"
    RATED = "service_request:rated"
    TEAM_SET = "service_team:set"
    TARGETS_SET = "service_targets:set"


class ServiceEvent(StrEnum):
    """What webhooks tell of a request: no word of its conversation, and nothing internal."""

    OPENED = "service_request.opened"
    ANSWERED = "service_request.answered"
    CHANGED = "service_request.changed"
    RESOLVED = "service_request.resolved"
