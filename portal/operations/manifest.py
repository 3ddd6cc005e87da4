"""What the running of the portal adds to it."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Job, MenuEntry, Topic
from portal.operations.try_again import RETRY
from portal.operations.vocabulary import OperationsAction, OperationsRight

CAPABILITY = Capability(
    name="operations",
    models="portal.operations.models",
    pages={Audience.STAFF: ("backoffice.blueprints.operations",)},
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "operations.index",
            N_("Running the portal"),
            "adjustments-horizontal",
            (OperationsRight.OPERATE,),
        ),
    ),
    rights={OperationsRight.OPERATE: frozenset({Role.ADMINISTRATOR})},
    actions=OperationsAction,
    topics={RETRY: Topic("jobs.operations.queue_again")},
)
