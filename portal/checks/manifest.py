"""What the portal's checks of itself add to it."""

from __future__ import annotations

from datetime import timedelta

from portal.audit.vocabulary import AuditRight
from portal.checks.waiting import work
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, MenuEntry, Recurring

CAPABILITY = Capability(
    name="checks",
    models="portal.checks.models",
    pages={Audience.STAFF: ("backoffice.blueprints.checks",)},
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "checks.index",
            N_("System checks"),
            "list-check",
            (AuditRight.READ,),
        ),
    ),
    # Ten million movements take minutes.
    schedule=(Recurring("jobs.check.sweep", every=timedelta(minutes=1), patience=timedelta(hours=3)),),
    work=work,
)
