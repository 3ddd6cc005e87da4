"""What returns add to the portal: goods that come back, and what is paid back for them."""

from __future__ import annotations

from portal.identity.rules import Role
from portal.kernel.errors import N_
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    FileOwner,
    Job,
    Look,
    MenuEntry,
    Topic,
)
from portal.notifications.rules import ByMail
from portal.orders.vocabulary import OrderRight
from portal.returns.read_files import OWNER_KIND, require_reader
from portal.returns.rules import ReturnState
from portal.returns.vocabulary import ReturnAction, ReturnRight
from portal.returns.waiting import work

CHAPTER = Chapter("returns", N_("Returns"))

CAPABILITY = Capability(
    name="returns",
    models="portal.returns.models",
    pages={
        Audience.DEALERS: ("portal.blueprints.returns",),
        Audience.STAFF: ("backoffice.blueprints.returns",),
    },
    resources=("portal.blueprints.api.returns", "backoffice.api.returns"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.DELIVERING,
            "returns_desk.index",
            N_("Returns"),
            "refresh",
            (ReturnRight.HANDLE, ReturnRight.INSPECT),
        ),
    ),
    rights={
        ReturnRight.HANDLE: frozenset({Role.ORDER_DESK}),
        ReturnRight.INSPECT: frozenset({Role.ORDER_DESK, Role.QUALITY}),
    },
    statuses={
        "return": {
            ReturnState.REQUESTED: Look(N_("Requested"), "amber", "clock"),
            ReturnState.APPROVED: Look(N_("Approved"), "blue", "circle-check"),
            ReturnState.REJECTED: Look(N_("Rejected"), "red", "ban"),
            ReturnState.WITHDRAWN: Look(N_("Withdrawn"), "grey", "x"),
            ReturnState.RECEIVED: Look(N_("Received"), "violet", "package"),
            ReturnState.SETTLED: Look(N_("Dealt with"), "green", "checks"),
        },
    },
    actions=ReturnAction,
    emits={
        "return.decided": Emitted(
            N_("A return was approved, rejected or settled"),
            (OrderRight.READ,),
            ("/returns/{number}", "/returns/{number}"),
        )
    },
    tells={
        "return.requested": Event(
            N_("Returns to decide on"), Audience.STAFF, frozenset({Role.ORDER_DESK}), ByMail.DIGEST
        ),
        "return.decided": Event(N_("Returns decided"), Audience.DEALERS, frozenset({Role.DEALER_BUYER})),
    },
    topics={"return.decided": Topic("jobs.returns.decided")},
    owned={"returns": "return"},
    file_owners={OWNER_KIND: FileOwner(require_reader)},
    lists=("returns", "returns-desk"),
    work=work,
    help={Audience.STAFF: ("returns",), Audience.DEALERS: ("returns",)},
)
