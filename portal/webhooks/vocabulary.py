"""The names that others use of webhooks: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.manifest import AtRest


class WebhookRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    WRITE = "webhooks:write"
    HEADQUARTERS = "hq:webhooks"


class WebhookAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    CREATED = "webhook:created"
    CHANGED = "webhook:changed"
    ROTATED = "webhook:secret_rotated"
    REMOVED = "webhook:removed"
    REPLAYED = "webhook:replayed"
    STOPPED = "webhook:stopped"


_PURPOSE = "webhook secret"
SECRETS = (
    AtRest("webhook_subscription", "secret", _PURPOSE),
    AtRest("webhook_subscription", "former_secret", _PURPOSE),
)
