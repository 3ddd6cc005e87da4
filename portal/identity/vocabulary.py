"""The names that others use of signing in: rights and acts of the audit."""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.manifest import AtRest


class IdentityRight(StrEnum):
    """Named ``subject:act``; the scopes of API clients are the same words."""

    ADMINISTER = "hq:admin"
    PEOPLE = "people:write"
    CLIENTS = "clients:write"


class IdentityAction(StrEnum):
    """What the audit tells, named ``subject:act``."""

    SESSION_SIGNED_IN = "session:signed_in"
    SESSION_REFUSED = "session:refused"
    SESSION_SIGNED_OUT = "session:signed_out"
    USER_CREATED = "user:created"
    USER_PASSWORD_CHANGED = "user:password_changed"
    USER_PASSWORD_RESET_ASKED = "user:password_reset_asked"
    USER_PASSWORD_RESET = "user:password_reset"
    USER_ROLES_CHANGED = "user:roles_changed"
    ROLE_COMPOSED = "role:composed"
    ROLE_CHANGED = "role:changed"
    ROLE_DELETED = "role:deleted"
    USER_DEACTIVATED = "user:deactivated"
    USER_REACTIVATED = "user:reactivated"
    USER_DATA_EXPORTED = "user:data_exported"
    INVITATION_SENT = "invitation:sent"
    INVITATION_SENT_AGAIN = "invitation:sent_again"
    INVITATION_REVOKED = "invitation:revoked"
    INVITATION_ACCEPTED = "invitation:accepted"
    SESSION_REVOKED = "session:revoked"
    SESSION_CONFIRMED = "session:confirmed"
    CLIENT_CREATED = "client:created"
    CLIENT_CHANGED = "client:changed"
    CLIENT_ROTATED = "client:rotated"
    CLIENT_REVOKED = "client:revoked"
    TOKEN_ISSUED = "token:issued"
    TOKEN_REFUSED = "token:refused"
    FACTOR_ADDED = "factor:added"
    FACTOR_REMOVED = "factor:removed"
    FACTOR_REFUSED = "factor:refused"
    RECOVERY_CODES_MADE = "factor:recovery_codes_made"
    RECOVERY_CODE_USED = "factor:recovery_code_used"
    REGION_GIVEN = "user:region_given"
    REGION_ENDED = "user:region_ended"
    DELEGATION_GIVEN = "delegation:given"
    DELEGATION_REVOKED = "delegation:revoked"
    CONSENT_GIVEN = "consent:given"
    CONSENT_REVOKED = "consent:revoked"
    STANDING_IN_BEGUN = "standing_in:begun"
    STANDING_IN_ENDED = "standing_in:ended"
    TOKEN_REVOKED = "token:revoked"
    KEY_MADE = "signing_key:made"
    KEY_DISTRUSTED = "signing_key:distrusted"


SIGNING_KEYS = AtRest("signing_key", "private_encrypted", "signing keys", is_text=False)
SECOND_FACTORS = AtRest("second_factor", "secret_encrypted", "second factors", is_text=False)
