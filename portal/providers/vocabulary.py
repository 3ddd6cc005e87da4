"""The names of company sign-in: what the audit tells of providers and of who comes in by them."""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.manifest import AtRest


class ProviderState(StrEnum):
    """What a provider is good for. Nobody comes in by one that is not on."""

    DRAFT = "draft"
    ON = "on"
    OFF = "off"


class ProviderAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    CREATED = "provider:created"
    CHANGED = "provider:changed"
    RULES_CHANGED = "provider:rules_changed"
    TRIED = "provider:tried"
    TURNED_ON = "provider:turned_on"
    TURNED_OFF = "provider:turned_off"
    REMOVED = "provider:removed"
    ACCOUNT_LINKED = "provider:account_linked"
    ACCOUNT_UNLINKED = "provider:account_unlinked"
    SIGNED_OUT = "provider:signed_out"


SECRET = AtRest("identity_provider", "secret_sealed", "provider secret")
