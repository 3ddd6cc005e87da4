"""What samples add to the portal."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import Role
from portal.kernel.errors import Conflict
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    DocumentAct,
    Job,
    Look,
    MenuEntry,
    Recurring,
    Topic,
)
from portal.statements.vocabulary import StatementRight
from tests.architecture.samples.verbs import inbox, work
from tests.architecture.samples.vocabulary import SampleAction, SampleRight

CHAPTER = Chapter("samples", "Samples")

CAPABILITY = Capability(
    name="samples",
    models="tests.architecture.samples.models",
    pages={Audience.DEALERS: ("tests.architecture.samples.page",)},
    resources=("tests.architecture.samples.resource",),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(Audience.DEALERS, Job.ORDERING, "samples.index", "Samples", "package", (SampleRight.READ,)),
    ),
    rights={
        SampleRight.READ: frozenset({Role.DEALER_BUYER, Role.DEALER_OWNER}),
        SampleRight.WRITE: frozenset({Role.DEALER_BUYER}),
    },
    statuses={
        "sample": {
            "asked": Look("Asked for", "amber", "clock"),
            "sent": Look("Sent off", "green", "circle-check"),
        },
    },
    actions=SampleAction,
    topics={"sample.asked": Topic("tests.architecture.samples.jobs.send")},
    schedule=(Recurring("tests.architecture.samples.jobs.sweep", every=timedelta(hours=1)),),
    refusals={"pk_sample": Conflict("sample_exists", "There is such a sample already.")},
    owned={"samples": "sample"},
    work=work,
    inbox=inbox,
    document_acts=(
        DocumentAct(
            Audience.DEALERS,
            "invoice",
            "samples.index",
            "Ask for a sample",
            "package",
            (StatementRight.READ,),
            argument="invoice",
        ),
        DocumentAct(
            Audience.DEALERS,
            "invoice",
            "samples.index",
            "Never there",
            "package",
            (StatementRight.READ,),
            is_offered=lambda _settings: False,
        ),
        DocumentAct(
            Audience.DEALERS, "account", "samples.index", "Not for finance", "package", (SampleRight.READ,)
        ),
    ),
)
