"""What the feed adds to the portal: policies, promotions, notices and training material for dealers."""

from __future__ import annotations

from portal.feed.reached import reached_by_notice
from portal.feed.rules import Stage
from portal.feed.told import DEMANDED, PUBLISHED
from portal.feed.vocabulary import FeedAction, FeedRight
from portal.feed.waiting import work
from portal.identity.rules import DEALER_ROLES, Role
from portal.kernel.errors import N_
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    Emitted,
    Event,
    Job,
    Look,
    MenuEntry,
    Personal,
    Topic,
)
from portal.notifications.rules import ByMail

CHAPTER = Chapter("notices", N_("Policies and notices"))

CAPABILITY = Capability(
    name="feed",
    models="portal.feed.models",
    pages={Audience.DEALERS: ("portal.blueprints.feed",), Audience.STAFF: ("backoffice.blueprints.notices",)},
    resources=("portal.blueprints.api.notices", "backoffice.api.notices"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.DEALERS,
            Job.TODAY,
            "feed.index",
            N_("Policies and notices"),
            "speakerphone",
            (FeedRight.READ,),
        ),
        MenuEntry(
            Audience.STAFF,
            Job.PARTNERS,
            "notices.index",
            N_("Policies and notices"),
            "speakerphone",
            (FeedRight.EDIT, FeedRight.PUBLISH),
        ),
    ),
    rights={
        FeedRight.READ: DEALER_ROLES,
        FeedRight.ACKNOWLEDGE: frozenset({Role.DEALER_BUYER, Role.DEALER_OWNER}),
        FeedRight.EDIT: frozenset({Role.CHANNEL_MANAGER, Role.QUALITY, Role.ORDER_DESK}),
        FeedRight.PUBLISH: frozenset({Role.CHANNEL_MANAGER, Role.QUALITY}),
    },
    statuses={
        "entry": {
            "unread": Look(N_("Unread"), "blue", "mail"),
            "read": Look(N_("Read"), "grey", "mail-opened"),
            "to_acknowledge": Look(N_("To acknowledge"), "amber", "alert-circle"),
            "acknowledged": Look(N_("Acknowledged"), "green", "checks"),
        },
        "notice": {
            Stage.DRAFT: Look(N_("Draft"), "grey", "file-pencil"),
            Stage.SCHEDULED: Look(N_("Scheduled"), "blue", "clock"),
            Stage.PUBLISHED: Look(N_("Published"), "green", "circle-check"),
            Stage.WITHDRAWN: Look(N_("Withdrawn"), "grey", "ban"),
        },
    },
    actions=FeedAction,
    help={Audience.STAFF: ("feed",)},
    topics={
        PUBLISHED: Topic("jobs.notices.published"),
        "notice.reminder": Topic("jobs.notices.send_reminder"),
    },
    emits={
        PUBLISHED: Emitted(
            N_("A notice was published"),
            (FeedRight.READ,),
            ("/notices/{number}", None),
            addressed=reached_by_notice,
        )
    },
    tells={
        "notice.policy": Event(N_("Price policies"), Audience.DEALERS, DEALER_ROLES, ByMail.DIGEST),
        "notice.promotion": Event(N_("Promotions"), Audience.DEALERS, DEALER_ROLES, ByMail.DIGEST),
        "notice.notice": Event(N_("Notices"), Audience.DEALERS, DEALER_ROLES, ByMail.DIGEST),
        "notice.training": Event(N_("Training material"), Audience.DEALERS, DEALER_ROLES, ByMail.DIGEST),
        DEMANDED: Event(
            N_("Notices to acknowledge, recalls too"),
            Audience.DEALERS,
            DEALER_ROLES,
            is_mandatory=True,
            is_urgent=True,
        ),
        "notice.reminder": Event(N_("Reminders of notices"), Audience.DEALERS, DEALER_ROLES),
    },
    owned={"feed": "entry", "notices": "entry"},
    work=work,
    lists=("feed", "notices", "notice-readers"),
    personal=(
        Personal(
            "feed_letter",
            (
                "kind",
                "day",
            ),
            "user_id",
        ),
    ),
)
