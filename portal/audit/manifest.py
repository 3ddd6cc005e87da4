"""What the audit adds to the portal: its tables, its seal, and how it is searched."""

from __future__ import annotations

from datetime import timedelta

from portal.audit.vocabulary import AuditAction, AuditRight
from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Chapter, Job, MenuEntry, Personal, Recurring

CHAPTER = Chapter("audit", N_("Audit"))

CAPABILITY = Capability(
    name="audit",
    models="portal.audit.models",
    pages={Audience.STAFF: ("backoffice.blueprints.audit", "backoffice.blueprints.rights")},
    resources=("backoffice.api.audit",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "audit.index",
            N_("Audit"),
            "shield-check",
            (AuditRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "rights.index",
            N_("Roles and rights"),
            "users",
            (AuditRight.READ,),
        ),
    ),
    rights={AuditRight.READ: frozenset({Role.QUALITY, Role.ADMINISTRATOR})},
    actions=AuditAction,
    lists=("audit",),
    # A run after a year without a key has much to do.
    schedule=(Recurring("jobs.seal_audit.seal", every=timedelta(minutes=1), patience=timedelta(minutes=10)),),
    personal=(Personal("audit_event", ("address",)),),
)
