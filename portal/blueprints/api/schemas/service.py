"""Service requests as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.service.rules import CONTACT_MAX, FILES_MAX, SUBJECT_MAX, TEXT_MAX
from portal.web.api.fields import Code, Day, DayText, MomentText, PageQuery, Shape, Text, Whole

ServiceKindName = Literal[
    "consultation", "repair", "complaint", "installation", "training", "documents", "return_question"
]
SeverityName = Literal["low", "normal", "high", "urgent"]
StateName = Literal["new", "assigned", "in_progress", "waiting", "resolved", "closed", "cancelled", "merged"]
SoughtState = Literal[StateName, "open", "over"]
EntryName = Literal[
    "opened",
    "message",
    "note",
    "assigned",
    "taken",
    "asked",
    "sorted",
    "resolved",
    "closed",
    "reopened",
    "cancelled",
    "merged",
    "rated",
    "escalated",
    "repair",
]


class ServiceRequestsQuery(PageQuery):
    """Which requests."""

    state: SoughtState | None = Field(
        None, description=N_("`open`: somebody still has to do something; `over`: nobody has.")
    )
    kind: ServiceKindName | None = None
    dealer: Code | None = Field(None, description=N_("Code of the dealer; headquarters only."))
    q: Text = Field(
        "", max_length=100, description=N_("Part of a number of the request or its order, or of its subject.")
    )


class ServiceDeviceBody(Shape, about=N_("A device, by its serial number or by what a scanner reads.")):
    serial: Text = Field("", max_length=64)
    udi: Text = Field("", max_length=500)


class ServiceRequestBody(
    Shape,
    about=N_("What is asked for. What the form of the kind does not ask for is refused, at its field."),
):
    kind: ServiceKindName
    subject: Text = Field(max_length=SUBJECT_MAX)
    text: Text = Field(max_length=TEXT_MAX)
    severity: SeverityName | None = Field(
        None, description=N_("`urgent` only for a repair or a complaint that stops a treatment.")
    )
    stops_treatment: bool = False
    somebody_harmed: bool = Field(
        False, description=N_("Somebody was harmed, or could have been; of a complaint only. Urgent.")
    )
    device: ServiceDeviceBody | None = None
    product: Text = Field("", max_length=64, description=N_("The SKU: our number of the product."))
    lot: Text = Field("", max_length=64)
    order: Text = Field("", max_length=64)
    contact: Text = Field("", max_length=CONTACT_MAX)
    preferred_on: Day | None = None
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))
    dealer: Code | None = Field(None, description=N_("Code of the dealer; headquarters only."))


class ServiceMessageBody(Shape, about=N_("What is said, and files that come with it.")):
    text: Text = Field(max_length=TEXT_MAX)
    files: list[Code] = Field(default=[], max_length=FILES_MAX, description=N_("Ids of uploaded files."))


class ServiceRatingBody(Shape, about=N_("How content the dealer is.")):
    stars: Whole = Field(description=N_("1 to 5"))
    text: Text = Field("", max_length=TEXT_MAX)


class ServiceRequestHead(Shape, about=N_("A request without its conversation.")):
    number: str = Field(examples=["SV2611-7M2K9QXA4"])
    kind: ServiceKindName
    severity: SeverityName
    state: StateName
    subject: str
    dealer: str
    product: str | None
    lot: str
    serial: str
    order: str
    assignee: str
    asked_at: MomentText
    touched_at: MomentText
    due_at: MomentText | None = Field(
        description=N_("When the first answer or the resolution is due; null while the dealer is waited for.")
    )
    resolved_at: MomentText | None
    rating: int | None


class ServiceFileShape(Shape, about=N_("A file of a message.")):
    id: str
    name: str
    size: int
    sha256: str


class ServiceEntryShape(Shape, about=N_("Something that was said or done.")):
    number: str = Field(description=N_("The request in which it was said, before it was merged."))
    kind: EntryName
    internal: bool = Field(description=N_("Seen by headquarters only."))
    by: str
    of_headquarters: bool
    text: str
    files: list[ServiceFileShape]
    at: MomentText


class ServiceComplaintShape(Shape, about=N_("What a dealer is told of its complaint.")):
    state: Literal["new", "proposed", "triaged", "closed"]
    stop_use: str = Field(description=N_("Advice to stop using it; empty where there is none."))
    measure: str
    answer: str
    closed_at: MomentText | None


class ServiceRequestShape(ServiceRequestHead, about=N_("A request with its conversation, the first first.")):
    text: str
    stops_treatment: bool
    somebody_harmed: bool
    contact: str
    preferred_on: DayText | None
    warranty_until: DayText | None
    resolution: str
    merged_into: str | None
    merged: list[str]
    entries: list[ServiceEntryShape]
    complaint: ServiceComplaintShape | None = Field(description=N_("Of a complaint only."))


class ServiceRequestPage(Shape, about=N_("A page of service requests, the latest first.")):
    items: list[ServiceRequestHead]
    next_cursor: str | None
