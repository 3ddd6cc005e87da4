"""Products as they are registered, packed, stored and found."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.catalogue.change_life import ChangeState
from portal.catalogue.vocabulary import (
    ChangeSource,
    DocumentKind,
    Origin,
    PackageLevel,
    ProductState,
    Relation,
)
from portal.kernel.db import Base, Key, one_of


class Category(Base):
    """A product line: a node of the device nomenclature (EMDN)."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_zh: Mapped[str]
    name_en: Mapped[str]
    parent_code: Mapped[str | None] = mapped_column(ForeignKey("category.code"))
    search_key: Mapped[str] = mapped_column(
        Computed("search_fold(code || ' ' || name_zh || ' ' || name_en)", persisted=True)
    )


class Product(Base):
    """A device as it is sold. Quantities are counted in `unit`; an order is a multiple of `pack_multiple`.

    search_text, search_grams: everything it may be found by, normalised, whole and in short pieces (see
    `portal.catalogue.rules`).
    search_slips: its words with a letter left out, to be found by a slip of the finger. syllables: the
    reading of its generic name.
    sku_key: the SKU without what is easily mistaken in a code. search_key: names and SKU folded, for lists of
    other things.
    registration_renewal_asked_on: as of a dealer's licence; while it is undecided the certificate runs on.
    registrant: who holds the certificate, empty where it is the maker. storage_min, storage_max: °C.
    generic_name: its name in Chinese without brand and model. keywords: what else it is found by, a line
    each.
    pinyin: key for the Chinese order of names, since the embedded server has no ICU.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("device_class BETWEEN 1 AND 3", name="device_class"),
        CheckConstraint("pack_multiple > 0", name="pack_multiple"),
        CheckConstraint("registration_renewal_asked_on <= registration_to", name="registration_renewal"),
        one_of("state", ProductState),
        one_of("origin", Origin),
        CheckConstraint("udi_di ~ '^[0-9]{14}$'", name="udi_di"),
        CheckConstraint("storage_min <= storage_max", name="storage"),
        Index("ix_product_search_grams", "search_grams", postgresql_using="gin"),
        Index("ix_product_search_slips", "search_slips", postgresql_using="gin"),
        Index("ix_product_sku_key", "sku_key"),
        Index("ix_product_listing", "pinyin", "id", postgresql_where="state = 'active'"),
        Index(
            "ix_product_category_listing",
            "category_code",
            "pinyin",
            "id",
            postgresql_where="state = 'active'",
        ),
    )

    id: Mapped[Key]
    sku: Mapped[str] = mapped_column(unique=True)
    sku_key: Mapped[str] = mapped_column(Computed("code_key(sku)", persisted=True))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    search_key: Mapped[str] = mapped_column(
        Computed("search_fold(sku || ' ' || name_zh || ' ' || name_en)", persisted=True)
    )
    specification: Mapped[str]
    udi_di: Mapped[str] = mapped_column(unique=True)
    maker: Mapped[str]
    maker_country: Mapped[str]
    origin: Mapped[str]
    device_class: Mapped[int] = mapped_column(SmallInteger)
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    unit: Mapped[str]
    pack_multiple: Mapped[int] = mapped_column(Integer, server_default="1")
    registration_no: Mapped[str]
    registration_from: Mapped[date]
    registration_to: Mapped[date | None]
    registration_renewal_asked_on: Mapped[date | None]
    lot_controlled: Mapped[bool] = mapped_column(Boolean)
    serial_controlled: Mapped[bool] = mapped_column(Boolean)
    expiry_controlled: Mapped[bool] = mapped_column(Boolean)
    implantable: Mapped[bool] = mapped_column(Boolean)
    sterile: Mapped[bool] = mapped_column(Boolean)
    storage_zh: Mapped[str] = mapped_column(server_default="")
    storage_en: Mapped[str] = mapped_column(server_default="")
    storage_min: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    storage_max: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    registrant: Mapped[str] = mapped_column(server_default="")
    generic_name: Mapped[str] = mapped_column(server_default="")
    keywords: Mapped[str] = mapped_column(server_default="")
    tax_category: Mapped[str] = mapped_column(server_default="standard")
    state: Mapped[str] = mapped_column(server_default="active")
    pinyin: Mapped[str]
    search_text: Mapped[str]
    search_grams: Mapped[list[str]] = mapped_column(ARRAY(Text))
    search_slips: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    syllables: Mapped[str] = mapped_column(server_default="")
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ProductSubstitute(Base):
    """A product that may be offered instead of another, in the order of `rank`; nobody is sent it unasked."""

    __tablename__ = "product_substitute"
    __table_args__ = (CheckConstraint("product_id <> substitute_id", name="another"),)

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    substitute_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("product.id"), primary_key=True, index=True
    )
    rank: Mapped[int] = mapped_column(SmallInteger)


class ProductCertificate(Base):
    """A conformity certificate of the maker, shown on the product page."""

    __tablename__ = "product_certificate"

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), index=True)
    notified_body: Mapped[str]
    standard: Mapped[str]
    number: Mapped[str]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class ProductPackage(Base):
    """A package of a product with a number of its own. units: of sale in it, at every level below."""

    __tablename__ = "product_package"
    __table_args__ = (
        UniqueConstraint("gtin"),
        one_of("level", PackageLevel),
        CheckConstraint("gtin ~ '^[0-9]{14}$'", name="gtin"),
        CheckConstraint("units > 1", name="units"),
    )

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    gtin: Mapped[str]
    units: Mapped[int] = mapped_column(Integer)


class ProductDocument(Base):
    """A file that shows something of a product, in the order of `place`."""

    __tablename__ = "product_document"
    __table_args__ = (one_of("kind", DocumentKind),)

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    file_id: Mapped[str] = mapped_column(ForeignKey("stored_file.id"), primary_key=True, index=True)
    kind: Mapped[str]
    place: Mapped[int] = mapped_column(SmallInteger)


class ProductRelation(Base):
    """What belongs to a product: `related_id` is its accessory or spare part, in the order of `rank`."""

    __tablename__ = "product_relation"
    __table_args__ = (
        CheckConstraint("product_id <> related_id", name="another"),
        one_of("kind", Relation),
    )

    product_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("product.id"), primary_key=True)
    related_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("product.id"), primary_key=True, index=True
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(SmallInteger)


class ProductChange(Base):
    """What is proposed for a product, new or known, and what became of it; the history of its base data.

    sku: of the product, which need not exist yet. proposed, before: every field as JSON
    (`portal.catalogue.product_fields`), what is to be and what was in force when it came; before is empty for
    a new product. revision: counts how often the draft was written. authors: keys of everybody who had a hand
    in it, none of whom approves it. At most one change of a product is open.
    """

    __tablename__ = "product_change"
    __table_args__ = (
        UniqueConstraint("number"),
        one_of("state", ChangeState),
        one_of("source", ChangeSource),
        CheckConstraint("state NOT IN ('approved', 'in_force') OR decided_by IS NOT NULL", name="decided"),
        CheckConstraint("state <> 'rejected' OR reason <> ''", name="reason"),
        CheckConstraint(
            "state NOT IN ('approved', 'in_force') OR NOT decided_by = ANY (authors)", name="another_person"
        ),
        Index(
            "uq_product_change_open",
            "sku",
            unique=True,
            postgresql_where="state IN ('draft', 'submitted', 'approved')",
        ),
        Index("ix_product_change_sku_id", "sku", "id"),
        Index("ix_product_change_state_id", "state", "id"),
    )

    id: Mapped[Key]
    number: Mapped[str]
    sku: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="draft")
    source: Mapped[str]
    proposed: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    revision: Mapped[int] = mapped_column(Integer, server_default="1")
    authors: Mapped[list[str]] = mapped_column(ARRAY(Text))
    proposed_by_label: Mapped[str]
    proposed_at: Mapped[datetime]
    submitted_by_label: Mapped[str | None]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decided_by_label: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    in_force_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(server_default="")
