"""Where parcels are, and at which temperatures cold goods travelled, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from portal.kernel.errors import N_
from portal.web.api.fields import DayText, MomentText, Shape

CelsiusText = Annotated[str, Field(pattern=r"^-?[0-9]{1,3}(\.[0-9]{1,2})?$", examples=["4.5"])]
EventCodes = Literal[
    "announced",
    "accepted",
    "in_transit",
    "arrived_at_hub",
    "in_customs",
    "out_for_delivery",
    "ready_for_pickup",
    "exception",
    "refused",
    "delivered",
    "returning",
    "returned",
    "estimated",
]
RecordStates = Literal["open", "within", "waiting", "released", "condemned"]


class EventShape(Shape, about=N_("One thing that was told of a shipment.")):
    at: MomentText = Field(description=N_("When it happened."))
    code: EventCodes
    place: str
    note: str
    expected_on: DayText | None = Field(description=N_("With `estimated`: the day of delivery."))


class EventList(Shape, about=N_("Where a shipment is, and everything that was told of it.")):
    number: str
    standing: EventCodes | None = Field(description=N_("By all events, in whatever order they came."))
    delivered_at: MomentText | None
    expected_on: DayText | None = Field(
        description=N_("The carrier's word, else by the usual days; null once it is there.")
    )
    tracking_url: str | None = Field(description=N_("The carrier's own page."))
    items: list[EventShape]
    next_cursor: None


class FindingShape(Shape, about=N_("What speaks against a transport.")):
    kind: Literal["too_warm", "too_cold", "hole", "interval", "not_covered"]
    start: MomentText | None
    end: MomentText | None
    celsius: CelsiusText | None = Field(description=N_("The farthest, of an excursion."))


class ReadingShape(Shape, about=N_("One measurement.")):
    at: MomentText
    celsius: CelsiusText


class LogShape(Shape, about=N_("What one logger wrote.")):
    name: str
    device: str
    serial: str
    readings: list[ReadingShape]


class ColdRecordShape(Shape, about=N_("The temperatures of a shipment with cold goods.")):
    number: str
    state: RecordStates = Field(description=N_("`waiting`: in quarantine until quality has decided."))
    low: CelsiusText | None
    high: CelsiusText | None
    transport: Literal["refrigerated_van", "cool_box", "passive_box"]
    packed_by: str
    packed_at: MomentText
    box_celsius: CelsiusText
    departed_at: MomentText | None
    departure_celsius: CelsiusText | None
    arrived_at: MomentText | None
    arrival_celsius: CelsiusText | None
    findings: list[FindingShape]
    reason: str = Field(description=N_("Why quality decided as it did."))
    loggers: list[LogShape]


class ArrivalBody(Shape, about=N_("How cold the goods came.")):
    celsius: CelsiusText | None = Field(None, description=N_("What the thermometer shows."))


class MeasuredShape(Shape, about=N_("Where a cold record stands after an entry.")):
    number: str
    state: RecordStates
    findings: list[FindingShape]
