"""The inbox of a person, and how they want to be told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import MomentText, PageQuery, Shape, Text, Whole

MailWay = Literal["at_once", "digest", "none"]
Often = Literal["daily", "weekly"]


class NotificationsQuery(PageQuery):
    """Which of them."""

    unread: Literal["true", "false"] = Field(
        "false", description=N_("Only what is not read: `true` or `false`.")
    )
    event: Text = Field("", max_length=60, description=N_("Only of this event."))


class FactShape(Shape, about=N_("A label and its value, in the language asked for.")):
    label: str
    value: str


class NotificationShape(Shape, about=N_("Something that the person was told.")):
    id: str
    event: str = Field(examples=["order.shipped"])
    subject: str
    sentence: str
    facts: list[FactShape]
    path: str = Field(description=N_("Path of the portal's page that shows more."))
    created_at: MomentText
    read_at: MomentText | None


class NotificationPage(Shape, about=N_("The inbox: unread first, of these the newest.")):
    items: list[NotificationShape]
    next_cursor: str | None


class ChoiceBody(Shape, about=N_("How one event is told.")):
    event: Text = Field(min_length=1, max_length=60)
    inbox: bool
    mail: MailWay
    sms: bool = False


class SettingBody(Shape, about=N_("What holds whatever the event. Times are of `zone`.")):
    zone: Text = Field(max_length=60, examples=["Asia/Shanghai"])
    digest_every: Often
    digest_hour: Whole
    quiet_from: str | None = Field(pattern=r"^[0-9]{2}:[0-9]{2}$", examples=["22:00"])
    quiet_until: str | None = Field(pattern=r"^[0-9]{2}:[0-9]{2}$", examples=["07:30"])
    mobile: Text = Field("", max_length=30)


class PreferencesBody(Shape, about=N_("What the person chooses; events that are not named stay.")):
    revision: Whole = Field(description=N_("Of what was read, 0 before anything was chosen."))
    setting: SettingBody
    events: list[ChoiceBody] = Field(max_length=200)


class ChoiceShape(Shape, about=N_("How one event is told, and whether that can be changed.")):
    event: str
    label: str
    inbox: bool
    mail: MailWay
    sms: bool
    mandatory: bool


class PreferencesShape(Shape, about=N_("How the person is told.")):
    revision: int
    setting: SettingBody
    events: list[ChoiceShape]
