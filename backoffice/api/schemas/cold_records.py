"""What headquarters' programs say of cold goods on their way."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from portal.blueprints.api.schemas.tracking import CelsiusText, MeasuredShape
from portal.kernel.errors import N_
from portal.web.api.fields import Shape, Text


class PackingBody(Shape, about=N_("How cold goods are packed, now and by whoever calls.")):
    transport: Literal["refrigerated_van", "cool_box", "passive_box"]
    box: Text = Field("", max_length=60, description=N_("Box or van, as it is labelled."))
    celsius: CelsiusText = Field(description=N_("Of box or van before loading."))


class DepartureBody(Shape, about=N_("How cold box or van is as it leaves, now.")):
    celsius: CelsiusText


class LogBody(Shape, about=N_("The text of a logger's file; or a form with a `file`.")):
    text: Text = Field("", max_length=1_000_000)
    name: Text = Field("", max_length=120)
    unit: Literal["C", "F"] | None = Field(None, description=N_("Where the file does not say."))
    day_order: Literal["dmy", "mdy"] | None = Field(
        None, description=N_("Where its dates may be day or month first.")
    )


class LogAddedShape(MeasuredShape, about=N_("What was read, and where the record stands.")):
    readings: int
    is_new: bool = Field(description=N_("False for a file that was there already."))


class ColdDecisionBody(Shape, about=N_("What quality decides.")):
    decision: Literal["release", "condemn"]
    reason: Text = Field(max_length=500)


class DecidedShape(Shape, about=N_("A record that quality has decided on.")):
    number: str
    state: Literal["released", "condemned"]
