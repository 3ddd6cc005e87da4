"""The names that others use of signing in: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum


class IdentityRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    ADMINISTER = "hq:admin"
    CLIENTS = "clients:write"


class IdentityAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    SESSION_SIGNED_IN = "session:signed_in"
    SESSION_REFUSED = "session:refused"
    SESSION_SIGNED_OUT = "session:signed_out"
    USER_CREATED = "user:created"
    USER_PASSWORD_CHANGED = "user:password_changed"
    CLIENT_CREATED = "client:created"
    CLIENT_CHANGED = "client:changed"
    CLIENT_ROTATED = "client:rotated"
    CLIENT_REVOKED = "client:revoked"
    TOKEN_ISSUED = "token:issued"
    TOKEN_REFUSED = "token:refused"
    TOKEN_REVOKED = "token:revoked"
    KEY_MADE = "signing_key:made"
    KEY_DISTRUSTED = "signing_key:distrusted"
