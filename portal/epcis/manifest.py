"""What EPCIS adds to the portal: dealers' systems tell what happened to goods, in the words of GS1."""

from __future__ import annotations

from datetime import timedelta

from portal.epcis.rules import CaptureState
from portal.epcis.take_capture import TOPIC
from portal.epcis.vocabulary import EpcisAction, EpcisRight
from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import Audience, Capability, Chapter, Job, Look, MenuEntry, Recurring, Topic

CHAPTER = Chapter("epcis", N_("EPCIS events"))
_DEALERS = frozenset({Role.DEALER_BUYER, Role.DEALER_SERVICE, Role.DEALER_OWNER})

CAPABILITY = Capability(
    name="epcis",
    models="portal.epcis.models",
    pages={Audience.STAFF: ("backoffice.blueprints.epcis",)},
    resources=("portal.blueprints.api.epcis",),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "epcis_desk.index",
            N_("EPCIS captures"),
            "barcode",
            (EpcisRight.HEADQUARTERS,),
        ),
    ),
    rights={
        EpcisRight.CAPTURE: _DEALERS,
        EpcisRight.READ: _DEALERS,
        EpcisRight.HEADQUARTERS: frozenset({Role.CHANNEL_MANAGER, Role.QUALITY}),
    },
    statuses={
        "epcis_capture": {
            CaptureState.RUNNING: Look(N_("Being captured"), "amber", "hourglass"),
            CaptureState.DONE: Look(N_("Captured"), "green", "circle-check"),
            CaptureState.PARTLY: Look(N_("Captured in part"), "amber", "alert-triangle"),
            CaptureState.FAILED: Look(N_("Nothing captured"), "red", "circle-x"),
        },
    },
    actions=EpcisAction,
    topics={TOPIC: Topic("jobs.epcis.ask")},
    schedule=(Recurring("jobs.epcis.take_up", every=timedelta(seconds=30)),),
    owned={"capture": "epcis capture", "epcis-captures": "epcis capture"},
    lists=("epcis-captures",),
    help={Audience.STAFF: ("epcis",)},
)
