"""What notifications add to the portal: inbox, mail, text messages, robots, and people's choice of them."""

from __future__ import annotations

from datetime import timedelta

from portal.identity.rules import DEALER_ROLES, STAFF_ROLES, Role
from portal.kernel.errors import N_
from portal.kernel.manifest import (
    Audience,
    Capability,
    Chapter,
    Job,
    Look,
    MenuEntry,
    Personal,
    Recurring,
    Topic,
)
from portal.notifications.digests import DIGEST
from portal.notifications.inbox import inbox
from portal.notifications.suspend import CONFIRM
from portal.notifications.tell import ANNOUNCED, MAIL, ROBOT, SMS
from portal.notifications.vocabulary import ROBOTS, NotificationAction, NotificationRight

CHAPTER = Chapter("notifications", N_("Notifications"))

CAPABILITY = Capability(
    name="notifications",
    models="portal.notifications.models",
    at_rest=(ROBOTS,),
    pages={
        Audience.EVERYBODY: ("portal.blueprints.mail_links",),
        Audience.SIGNED_IN: ("portal.blueprints.inbox", "portal.blueprints.notification_choices"),
        Audience.STAFF: ("backoffice.blueprints.robots",),
    },
    resources=("portal.blueprints.api.notifications", "backoffice.api.mail_bounces"),
    chapters=(CHAPTER,),
    menu=(
        MenuEntry(
            Audience.STAFF,
            Job.OPERATION,
            "robots.index",
            N_("Robots and mail"),
            "send",
            (NotificationRight.ROBOTS,),
        ),
    ),
    rights={
        NotificationRight.READ: DEALER_ROLES,
        NotificationRight.STAFF_READ: STAFF_ROLES,
        NotificationRight.ROBOTS: frozenset({Role.ADMINISTRATOR}),
        NotificationRight.BOUNCES: frozenset({Role.ADMINISTRATOR}),
    },
    statuses={
        "notification": {
            "unread": Look(N_("Unread"), "blue", "mail"),
            "read": Look(N_("Read"), "grey", "mail-opened"),
        },
    },
    actions=NotificationAction,
    topics={
        ANNOUNCED: Topic("jobs.notifications.announced"),
        MAIL: Topic("jobs.notifications.send_mail", is_letter=True),
        SMS: Topic("jobs.notifications.send_sms"),
        ROBOT: Topic("jobs.notifications.post_by_robot"),
        DIGEST: Topic("jobs.notifications.send_digest", is_letter=True),
        CONFIRM: Topic("jobs.notifications.send_confirmation", is_letter=True),
    },
    schedule=(
        Recurring("jobs.notifications.announce_digests", every=timedelta(minutes=10)),
        Recurring("jobs.notifications.sweep", every=timedelta(days=1)),
    ),
    inbox=inbox,
    lists=("inbox",),
    help={Audience.STAFF: ("notifications",)},
    personal=(
        Personal(
            "notification",
            (
                "event",
                "path",
                "said",
                "created_at",
                "read_at",
                "mailed_at",
                "sms_at",
            ),
            "user_id",
        ),
        Personal(
            "mail_suspension",
            (
                "address",
                "status",
                "reason",
                "since",
            ),
            "user_id",
        ),
        Personal(
            "notification_choice",
            (
                "event",
                "in_inbox",
                "mail",
                "sms",
            ),
            "user_id",
        ),
        Personal("notification_digest", ("day",), "user_id"),
        Personal(
            "notification_setting",
            (
                "zone",
                "digest_every",
                "digest_hour",
                "quiet_from",
                "quiet_until",
                "mobile",
            ),
            "user_id",
        ),
    ),
)
