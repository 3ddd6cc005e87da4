"""The feed: entries, whom they are addressed to, what is attached, who has read and acknowledged them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.feed.rules import Kind, LetterKind, State
from portal.kernel.db import Base, Key, one_of


class FeedEntry(Base):
    """A policy, promotion, notice or training material as dealers read it.

    region_id: None for the whole country, else the area or province whose manager answers for it. shown_from:
    since when dealers see it, perhaps a moment to come; None for a draft. valid_from (inclusive) and
    valid_until (exclusive): when what it says holds; after the end it is neither pinned nor demanded.
    link: path of the portal's page that it speaks of. subject: the document of another capability that it
    tells of, ``policy:12``; revoked_at: since when that is withdrawn; `withdrawn_at` is the entry's own.
    search_key: what it is looked up by, folded.
    """

    __tablename__ = "feed_entry"
    __table_args__ = (
        UniqueConstraint("number"),
        one_of("kind", Kind),
        one_of("state", State),
        CheckConstraint(
            "(state = 'published') <= (shown_from IS NOT NULL) AND (state = 'draft') <= (shown_from IS NULL)",
            name="shown_from",
        ),
        CheckConstraint(
            "valid_from IS NULL OR valid_until IS NULL OR valid_from < valid_until", name="dates"
        ),
        Index("ix_feed_entry_created_at_id", "created_at", "id"),
        Index("ix_feed_entry_subject", "subject", postgresql_where="subject <> ''"),
        Index("ix_feed_entry_pinned", "id", postgresql_where="pinned AND state = 'published'"),
    )

    id: Mapped[Key]
    number: Mapped[str]
    kind: Mapped[str]
    title_zh: Mapped[str]
    title_en: Mapped[str]
    text_zh: Mapped[str]
    text_en: Mapped[str]
    link: Mapped[str]
    created_by: Mapped[str]
    created_by_label: Mapped[str]
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    state: Mapped[str] = mapped_column(server_default="draft")
    must_acknowledge: Mapped[bool] = mapped_column(Boolean, server_default="false")
    pinned: Mapped[bool] = mapped_column(Boolean, server_default="false")
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    shown_from: Mapped[datetime | None]
    published_by: Mapped[str | None]
    published_by_label: Mapped[str | None]
    withdrawn_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    subject: Mapped[str] = mapped_column(server_default="")
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    search_key: Mapped[str] = mapped_column(
        Computed(
            "search_fold(number || ' ' || title_zh || ' ' || title_en || ' ' || text_zh || ' ' || text_en)",
            persisted=True,
        )
    )


class FeedAddress(Base):
    """One way to be reached: a dealer, or whoever is in the region, of the tier and of the product line.

    None of them means everybody. An entry reaches whom any of its addresses reaches. party: all of that but
    the line as one key, so that a dealer finds its entries by a handful of keys, newest first, however many
    there are. shown_from and demands: of the entry while it is published, else None and false.
    """

    __tablename__ = "feed_address"
    __table_args__ = (
        CheckConstraint(
            "dealer_id IS NULL OR (region_id IS NULL AND tier IS NULL AND category_code IS NULL)",
            name="party",
        ),
        CheckConstraint("NOT demands OR shown_from IS NOT NULL", name="demands"),
        Index(
            "ix_feed_address_shown",
            "party",
            "shown_from",
            "entry_id",
            postgresql_where="shown_from IS NOT NULL",
        ),
        Index("ix_feed_address_demanding", "party", postgresql_where="demands"),
    )

    entry_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("feed_entry.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    dealer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("dealer.id"))
    region_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("region_node.id"))
    tier: Mapped[str | None] = mapped_column(ForeignKey("tier.code"))
    category_code: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    party: Mapped[str] = mapped_column(
        Computed(
            "CASE WHEN dealer_id IS NOT NULL THEN 'd' || (dealer_id)::text"
            " ELSE coalesce('r' || (region_id)::text, '') || coalesce('t' || tier, '') END",
            persisted=True,
        )
    )
    shown_from: Mapped[datetime | None]
    demands: Mapped[bool] = mapped_column(Boolean, server_default="false")


class FeedAttachment(Base):
    """A file of an entry. media_type: found in its bytes, never taken from whoever sent it."""

    __tablename__ = "feed_attachment"
    __table_args__ = (
        CheckConstraint("size BETWEEN 1 AND 10485760 AND size = octet_length(content)", name="size"),
        CheckConstraint("place BETWEEN 1 AND 10", name="place"),
    )

    entry_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("feed_entry.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class FeedReading(Base):
    """Somebody of a dealer has opened an entry. reader: key of the actor."""

    __tablename__ = "feed_reading"

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("feed_entry.id"), primary_key=True, index=True
    )
    reader: Mapped[str] = mapped_column(primary_key=True)
    reader_label: Mapped[str]
    read_at: Mapped[datetime]


class FeedAcknowledgement(Base):
    """A dealer has read and understood an entry; who said so, and when."""

    __tablename__ = "feed_acknowledgement"

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("feed_entry.id"), primary_key=True, index=True
    )
    reader: Mapped[str]
    reader_label: Mapped[str]
    acknowledged_at: Mapped[datetime]


class FeedLetter(Base):
    """A letter about the feed was given to the outbox: at most one of a kind, person and day.

    day: of a digest the day it is for, a Monday if it is weekly; of a reminder the day it was asked for.
    """

    __tablename__ = "feed_letter"
    __table_args__ = (one_of("kind", LetterKind),)

    dealer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("dealer.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
