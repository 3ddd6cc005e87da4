"""The closed vocabulary of the audit: ``subject:act``. A new act is added here, or it is not an act."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """Everything that is ever written to the audit."""

    SESSION_SIGNED_IN = "session:signed_in"
    SESSION_REFUSED = "session:refused"
    SESSION_SIGNED_OUT = "session:signed_out"
    USER_CREATED = "user:created"
    USER_PASSWORD_CHANGED = "user:password_changed"
    CLIENT_CREATED = "client:created"
    TOKEN_ISSUED = "token:issued"
    TOKEN_REFUSED = "token:refused"
    ORDER_PLACED = "order:placed"
    ORDER_HELD = "order:held"
    ORDER_RELEASED = "order:released"
    ORDER_CANCELLED = "order:cancelled"
    SHIPMENT_PICKED = "shipment:picked"
    SHIPMENT_UNPICKED = "shipment:unpicked"
    SHIPMENT_SHIPPED = "shipment:shipped"
    SHIPMENT_RECEIVED = "shipment:received"
    INVOICE_POSTED = "invoice:posted"
    CREDIT_NOTE_POSTED = "credit_note:posted"
    PAYMENT_POSTED = "payment:posted"
    ENTRY_REVERSED = "entry:reversed"
    CORRECTION_PROPOSED = "correction:proposed"
    CORRECTION_APPROVED = "correction:approved"
    CORRECTION_REJECTED = "correction:rejected"
    POLICY_DRAFTED = "policy:drafted"
    POLICY_EDITED = "policy:edited"
    POLICY_PUBLISHED = "policy:published"
    PERIOD_CLOSING = "period:closing"
    PERIOD_RETRIED = "period:retried"
    PERIOD_CLOSED = "period:closed"
    STATEMENT_ISSUED = "statement:issued"
    STATEMENT_DOWNLOADED = "statement:downloaded"
    LOT_EXPIRED = "lot:expired"
