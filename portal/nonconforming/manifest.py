"""What non-conforming goods add to the portal: reported, decided by quality, destroyed before a witness."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, Look, MenuEntry
from portal.nonconforming.rules import ReportState
from portal.nonconforming.vocabulary import NonconformingAction, NonconformingRight, QualityRight
from portal.nonconforming.waiting import work

CAPABILITY = Capability(
    name="nonconforming",
    models="portal.nonconforming.models",
    pages={Audience.STAFF: ("backoffice.blueprints.nonconforming",)},
    resources=("backoffice.api.nonconforming",),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "nonconforming.index",
            N_("Non-conforming goods"),
            "alert-triangle",
            (NonconformingRight.REPORT, QualityRight.DECIDE),
        ),
    ),
    rights={
        NonconformingRight.REPORT: frozenset({Role.ORDER_DESK, Role.QUALITY}),
        QualityRight.DECIDE: frozenset({Role.QUALITY}),
    },
    statuses={
        "non-conforming": {
            ReportState.REPORTED: Look(N_("To be decided"), "amber", "clock"),
            ReportState.RELEASED: Look(N_("Released for sale"), "green", "check"),
            ReportState.SENT_BACK: Look(N_("Sent back to the supplier"), "blue", "truck"),
            ReportState.TO_DESTROY: Look(N_("To be destroyed"), "violet", "clock"),
            ReportState.DESTROYED: Look(N_("Destroyed"), "grey", "trash"),
        }
    },
    actions=NonconformingAction,
    lists=("non-conforming",),
    work=work,
    help={Audience.STAFF: ("non-conforming",)},
)
