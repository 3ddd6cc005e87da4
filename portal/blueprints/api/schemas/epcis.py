"""EPCIS 2.0: what is asked, and what is answered. Names are GS1's."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, RootModel

from portal.kernel.errors import N_
from portal.web.api.fields import Cursor, Limit, Moment, MomentText, Shape, Text

_LIST = N_("Several, separated by |.")
_Flag = Annotated[bool | None, BeforeValidator(lambda said: {"true": True, "false": False}.get(said, said))]


class CaptureProblem(Shape, about=N_("What is wrong with a document or with one of its events.")):
    type: str = Field(examples=["urn:tonglu:problem:schema_enum"])
    title: str
    detail: str
    pointer: str = Field(
        description=N_("JSON pointer into the document; empty for the whole."),
        examples=["/epcisBody/eventList/3/action"],
    )


class CaptureJob(Shape, about=N_("How far a capture is and what it came to.")):
    captureID: str
    createdAt: MomentText
    finishedAt: MomentText | None
    running: bool
    success: bool = Field(description=N_("Whether no error has occurred."))
    captureErrorBehaviour: Literal["rollback", "proceed"]
    events: int | None = Field(description=N_("Of the document; null before they were counted."))
    captured: int = Field(description=N_("Events that are new."))
    repeated: int = Field(description=N_("Events that were here already."))
    refused: int = Field(description=N_("Events that are not captured."))
    errors: list[CaptureProblem] = Field(description=N_("The first hundred."))


class CaptureJobs(RootModel[list[CaptureJob]]):
    __doc__ = N_("Captures, the latest first")


class CapturesQuery(Shape):
    """A page of captures."""

    perPage: Limit = Field(50, description=N_("Entries of a page."))
    nextPageToken: Cursor | None = Field(None, description=N_("As the header Link gives it."))


class EventsQuery(CapturesQuery):
    """Which events are asked for, by the parameters of GS1's SimpleEventQuery."""

    eventType: Text | None = Field(None, description=_LIST, examples=["ObjectEvent"])
    GE_eventTime: Moment | None = Field(None, description=N_("From this moment on."))
    LT_eventTime: Moment | None = Field(None, description=N_("Before this moment."))
    GE_recordTime: Moment | None = Field(None, description=N_("Recorded here from this moment on."))
    LT_recordTime: Moment | None = Field(None, description=N_("Recorded here before this moment."))
    EQ_action: Text | None = Field(None, description=_LIST, examples=["OBSERVE"])
    EQ_bizStep: Text | None = Field(None, description=_LIST, examples=["shipping|receiving"])
    EQ_disposition: Text | None = Field(None, description=_LIST)
    EQ_readPoint: Text | None = Field(None, description=_LIST)
    EQ_bizLocation: Text | None = Field(None, description=_LIST)
    EQ_eventID: Text | None = Field(None, description=_LIST)
    MATCH_epc: Text | None = Field(
        None,
        description=N_("EPCs of the list of EPCs or of children, as URN or Digital Link, separated by |."),
    )
    MATCH_anyEPC: Text | None = Field(
        None, description=N_("EPCs wherever an event names them, separated by |.")
    )
    MATCH_anyEPCClass: Text | None = Field(
        None, description=N_("Classes such as a lot, of any quantity, separated by |.")
    )
    EXISTS_errorDeclaration: _Flag = Field(
        None, description=N_("`true`: declarations of errors; `false`: all but those.")
    )


class EventPageQuery(CapturesQuery):
    """A page of the events of one EPC."""


class EpcisQueryDocument(Shape, about=N_("Events as an EPCISQueryDocument in JSON-LD.")):
    context: list[Any] = Field(alias="@context")
    type: Literal["EPCISQueryDocument"]
    schemaVersion: Literal["2.0"]
    creationDate: str
    epcisBody: dict[str, Any]
