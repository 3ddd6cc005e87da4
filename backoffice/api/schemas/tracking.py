"""Events of parcels as JSON."""

from __future__ import annotations

from pydantic import Field

from portal.blueprints.api.schemas.tracking import EventCodes
from portal.kernel.errors import N_
from portal.tracking.rules import TEXT_MAX
from portal.web.api.fields import Day, DayText, Moment, MomentText, Shape, Text


class EventBody(Shape, about=N_("An event of a shipment.")):
    at: Moment = Field(description=N_("When it happened, not when you heard of it."))
    code: EventCodes
    place: Text = Field("", max_length=200)
    note: Text = Field("", max_length=TEXT_MAX, description=N_("The dealer reads it."))
    expected_on: Day | None = Field(None, description=N_("With `estimated` alone: the day of delivery."))


class EventRecorded(Shape, about=N_("Where a shipment stands after an event.")):
    number: str
    standing: EventCodes | None
    standing_at: MomentText | None
    delivered_at: MomentText | None
    expected_on: DayText | None = Field(description=N_("The carrier's word."))
    is_new: bool = Field(description=N_("False for an event that was known already."))
