"""Events of EPCIS as dealers' systems tell them, and the documents they came in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.epcis.rules import Behaviour, CaptureState
from portal.kernel.db import Base, Key, one_of


class EpcisCapture(Base):
    """A document that is captured. total: its events; position: how many were gone through, of which some
    are new, some were here already and some have faults. faults: the first of them. attempts: since it last
    came further, the latest begun at `tried_at`.
    """

    __tablename__ = "epcis_capture"
    __table_args__ = (
        UniqueConstraint("dealer_id", "number"),
        Index("ix_epcis_capture_number", "number"),
        Index("ix_epcis_capture_dealer_id_created_at", "dealer_id", "created_at", "id"),
        Index("ix_epcis_capture_created_at", "created_at", "id"),
        Index("ix_epcis_capture_running", "created_at", "id", postgresql_where="state = 'running'"),
        one_of("state", CaptureState),
        one_of("behaviour", Behaviour),
        CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished"),
        CheckConstraint("position = captured + repeated + refused", name="position"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    number: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="running")
    behaviour: Mapped[str]
    is_xml: Mapped[bool] = mapped_column(Boolean)
    bytes: Mapped[int] = mapped_column(BigInteger, server_default="0")
    sha256: Mapped[str] = mapped_column(server_default="")
    total: Mapped[int | None] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer, server_default="0")
    captured: Mapped[int] = mapped_column(Integer, server_default="0")
    repeated: Mapped[int] = mapped_column(Integer, server_default="0")
    refused: Mapped[int] = mapped_column(Integer, server_default="0")
    faults: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    created_by_label: Mapped[str]
    tried_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class EpcisCapturePart(Base):
    """A piece of a document, from no. 1; all of them go when it is captured."""

    __tablename__ = "epcis_capture_part"
    __table_args__ = (
        ForeignKeyConstraint(["dealer_id", "capture_id"], ["epcis_capture.dealer_id", "epcis_capture.id"]),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    capture_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    no: Mapped[int] = mapped_column(Integer, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class EpcisEvent(Base):
    """An event, once for a dealer. Its key is the hash of the CBV with whether it declares an error: so a
    declaration stands beside what it corrects. digits: numbers longer than the hash looks at.

    EPCs and places are canonical Digital Links, steps and dispositions addresses; content: the event as it
    was sent, written with `prefixes`.
    """

    __tablename__ = "epcis_event"
    __table_args__ = (
        UniqueConstraint("dealer_id", "event_hash", "is_declaration", "digits"),
        ForeignKeyConstraint(["dealer_id", "capture_id"], ["epcis_capture.dealer_id", "epcis_capture.id"]),
        Index("ix_epcis_event_id", "id"),
        Index("ix_epcis_event_dealer_id_capture_id", "dealer_id", "capture_id"),
        Index("ix_epcis_event_event_id", "event_id"),
        Index("ix_epcis_event_event_time", "event_time", "id"),
        Index("ix_epcis_event_any_epcs", "any_epcs", postgresql_using="gin"),
        Index("ix_epcis_event_epc_classes", "epc_classes", postgresql_using="gin"),
    )

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    id: Mapped[Key]
    capture_id: Mapped[int] = mapped_column(BigInteger)
    event_hash: Mapped[str]
    is_declaration: Mapped[bool] = mapped_column(Boolean)
    digits: Mapped[str]
    event_id: Mapped[str]
    event_type: Mapped[str]
    event_time: Mapped[datetime]
    record_time: Mapped[datetime]
    action: Mapped[str | None]
    biz_step: Mapped[str | None]
    disposition: Mapped[str | None]
    read_point: Mapped[str | None]
    biz_location: Mapped[str | None]
    epcs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    any_epcs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    epc_classes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    prefixes: Mapped[dict[str, str]] = mapped_column(JSONB)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
