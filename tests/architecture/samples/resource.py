"""Samples as JSON."""

from __future__ import annotations

from typing import Any

from portal.web.api.fields import Shape
from portal.web.api.operations import operation
from portal.web.request import current_session
from tests.architecture.samples.manifest import CHAPTER
from tests.architecture.samples.verbs import sample
from tests.architecture.samples.vocabulary import SampleRight


class SampleShape(Shape, about="A sample."):
    """As it is sent."""

    number: str
    state: str


@operation(
    "GET",
    "/samples/<number>",
    tag=CHAPTER,
    rights=(SampleRight.READ,),
    answers=SampleShape,
    summary="One sample",
    about="With its state.",
)
def show(number: str) -> dict[str, Any]:
    """One of them."""
    return sample(current_session(), number)
