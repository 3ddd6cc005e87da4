"""Complaints and adverse events as JSON."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.complaints.report_rules import NAMES
from portal.complaints.rules import HOW_MAX, REFERENCE_MAX, SERIALS_MAX, TEXT_MAX
from portal.kernel.errors import N_
from portal.web.api.fields import Day, DayText, Moment, MomentText, PageQuery, Shape, Text

StateName = Literal["new", "proposed", "triaged", "closed"]
CategoryName = Literal[
    "quality", "performance", "packaging", "labelling", "delivery", "use", "service", "other"
]
GradeName = Literal["critical", "major", "minor"]
HarmName = Literal["death", "serious", "other"]
EventStateName = Literal["open", "submitted", "closed", "dismissed"]


class ComplaintsQuery(PageQuery):
    """Which complaints."""

    state: Literal["triage", "open", "closed"] | None = Field(
        None, description=N_("`triage`: quality has not decided yet; `open`: not closed.")
    )
    q: Text = Field("", max_length=100, description=N_("Part of a number, of a SKU or of a lot."))


class ComplaintTriageBody(Shape, about=N_("What a complaint is about.")):
    category: CategoryName
    grade: GradeName
    possible_event: bool = Field(description=N_("Whether it may be an adverse event."))
    event_reason: Text = Field(max_length=TEXT_MAX)
    harm: HarmName | None = Field(None, description=N_("Of a possible adverse event."))
    group_event: bool = False
    aware_at: Moment | None = Field(
        None, description=N_("Known since; when the dealer told of it, if left out.")
    )
    product: Text = Field("", max_length=64)
    lot: Text = Field("", max_length=64)
    serials: Text = Field("", max_length=SERIALS_MAX)
    stop_use: Text = Field("", max_length=TEXT_MAX, description=N_("What the dealer is advised."))


class ComplaintHandlingBody(Shape, about=N_("What quality found and did.")):
    cause: Text = Field("", max_length=TEXT_MAX)
    measure: Text = Field("", max_length=TEXT_MAX)
    answer: Text = Field("", max_length=TEXT_MAX)
    follow_up: Text = Field("", max_length=TEXT_MAX)
    told_how: Text = Field("", max_length=HOW_MAX, description=N_("How the registrant was told."))
    told_at: Moment | None = None


class ComplaintReportBody(Shape, about=N_("A version of the report; what is missing may follow.")):
    fields: dict[str, str] = Field(
        max_length=len(NAMES),
        description=N_("By their names in the form, such as `event_on`, `harm`, `place` and `measures`."),
    )


class ComplaintSubmissionBody(Shape, about=N_("When the report was handed in, and its number there.")):
    submitted_on: Day
    reference: Text = Field(max_length=REFERENCE_MAX)


class ComplaintHead(Shape, about=N_("A complaint in a list.")):
    number: str = Field(examples=["SV2611-7M2K9QXA4"])
    state: StateName
    dealer: str
    subject: str
    product: str | None
    lot: str
    category: CategoryName | None
    grade: GradeName | None
    event_state: EventStateName | None
    event_due_at: MomentText | None
    asked_at: MomentText


class ComplaintShape(ComplaintHead, about=N_("A complaint with what headquarters found out.")):
    possible_event: bool | None
    event_reason: str
    serials: str
    stop_use: str
    cause: str
    measure: str
    answer: str
    follow_up: str
    told_how: str
    told_at: MomentText | None
    decided_by: str
    decided_at: MomentText | None
    closed_by: str
    closed_at: MomentText | None


class ComplaintPage(Shape, about=N_("A page of complaints, the latest first.")):
    items: list[ComplaintHead]
    next_cursor: str | None


class AdverseVersionShape(Shape, about=N_("A version of the report.")):
    version: int
    kind: Literal["first", "follow_up"]
    fields: dict[str, str] = Field(description=N_("What tells of the patient only quality reads."))
    written_by: str
    written_at: MomentText
    submitted_by: str | None
    submitted_on: DayText | None
    reference: str | None


class AdverseEventShape(Shape, about=N_("An adverse event with its reports, the latest first.")):
    number: str
    state: EventStateName
    harm: HarmName
    group_event: bool
    aware_at: MomentText
    due_at: MomentText
    notice_due_at: MomentText | None
    notice_at: MomentText | None
    submitted_at: MomentText | None
    ended_at: MomentText | None
    versions: list[AdverseVersionShape]
