"""The data sheet of a product, for every dealer: no prices, no stock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import BinaryIO

from flask_babel import force_locale, gettext
from werkzeug.wrappers import Response

from portal.catalogue.data_sheet import DataSheet, SheetRow, render
from portal.catalogue.documents import ProductFile
from portal.catalogue.product_fields import temperature_range
from portal.catalogue.unit_rules import in_english
from portal.catalogue.vocabulary import DocumentKind
from portal.catalogue.words import CLASSES, ORIGINS
from portal.files.preview_file import small_picture
from portal.kernel.formats import date_time, in_zone
from portal.pricing.catalogue import ProductDetail
from portal.web.listing.export import send_made
from portal.web.presentation import country
from portal.web.request import current_actor, current_session, portal

PDF = "pdf"


def first_picture(documents: Sequence[ProductFile]) -> bytes | None:
    """The first picture of a product, small. Raises Unavailable without the store."""
    for one in documents:
        if one.kind == DocumentKind.PICTURE:
            return small_picture(
                current_session(), actor=current_actor(), store=portal().file_store, file_id=one.id
            )
    return None


def send_data_sheet(
    product: ProductDetail, documents: Sequence[ProductFile], picture: bytes | None, at: datetime
) -> Response:
    """One page in Chinese and English. Raises TooManyRequests."""

    def make(file: BinaryIO) -> int:
        render(_document(product, documents, picture, at), file)
        return 1

    title = f"{gettext('Data sheet')} {product.offer.sku}"
    return send_made(make, "data-sheet", form=PDF, title=title, media_type="application/pdf")


def _document(
    product: ProductDetail, documents: Sequence[ProductFile], picture: bytes | None, at: datetime
) -> DataSheet:
    settings, offer = portal().settings, product.offer
    return DataSheet(
        company=(settings.company_name_zh, settings.company_name_en),
        sku=offer.sku,
        names=(offer.name_zh, offer.name_en),
        groups=(
            ("product", _product(product)),
            ("registration", _registration(product)),
            ("packaging", _packaging(product)),
            ("handling", _handling(product)),
            ("documents", _documents(documents)),
        ),
        picture=picture,
        made_at=in_zone(at, settings.timezone),
        moment=date_time(at, timezone=settings.timezone, locale="zh"),
    )


def _product(product: ProductDetail) -> tuple[SheetRow, ...]:
    offer = product.offer
    lines = tuple(f"{offer.category_code} {name}" for name in (product.category_zh, product.category_en))
    return (
        SheetRow("sku", (offer.sku,)),
        SheetRow("specification", (offer.specification,)),
        SheetRow("udi_di", (offer.udi_di,)),
        SheetRow("class", _both(lambda: gettext(CLASSES[offer.device_class]))),
        SheetRow("category", lines),
    )


def _registration(product: ProductDetail) -> tuple[SheetRow, ...]:
    offer = product.offer
    return (
        SheetRow("registrant", (product.registrant or offer.maker,)),
        SheetRow("maker", _both(lambda: f"{offer.maker} ({country(product.maker_country)})")),
        SheetRow(
            "origin",
            _both(lambda: next(gettext(word) for key, word in ORIGINS.items() if key == product.origin)),
        ),
        SheetRow("registration_no", (offer.registration_no,)),
        SheetRow("validity", _both(lambda: _validity(product))),
    )


def _validity(product: ProductDetail) -> str:
    starts, ends = product.offer.registration_from, product.certificate_to
    if ends is None:
        return gettext("%(date)s, no expiry", date=f"{starts:%Y-%m-%d}")
    if product.renewal_asked_on:
        return f"{starts:%Y-%m-%d} – " + gettext("%(date)s, renewal pending", date=f"{ends:%Y-%m-%d}")
    return f"{starts:%Y-%m-%d} – {ends:%Y-%m-%d}"


def _packaging(product: ProductDetail) -> tuple[SheetRow, ...]:
    of = product.offer.unit
    return (
        SheetRow("unit", (of, in_english(of))),
        SheetRow("pack_multiple", _units(product.offer.pack_multiple, of)),
        *(
            SheetRow(one["level"], tuple(f"{text}  GTIN {one['gtin']}" for text in _units(one["units"], of)))
            for one in product.packages
        ),
    )


def _units(count: int, of: str) -> tuple[str, str]:
    return f"{count:,} {of}", f"{count:,} {in_english(of, count)}"


def _handling(product: ProductDetail) -> tuple[SheetRow, ...]:
    def yes_or_no(flag: bool) -> str:
        return gettext("Yes") if flag else gettext("No")

    def managed() -> str:
        told = [
            (product.lot_controlled, gettext("lot")),
            (product.serial_controlled, gettext("serial number")),
            (product.expiry_controlled, gettext("expiry")),
        ]
        return " · ".join(word for is_so, word in told if is_so)

    return (
        SheetRow("storage", (product.storage_zh, product.storage_en)),
        SheetRow("temperature", (temperature_range(product.storage_min, product.storage_max),)),
        SheetRow("managed_by", _both(managed)),
        SheetRow("sterile", _both(lambda: yes_or_no(product.sterile))),
        SheetRow("implantable", _both(lambda: yes_or_no(product.implantable))),
    )


def _documents(documents: Sequence[ProductFile]) -> tuple[SheetRow, ...]:
    """The names of what may be had with it."""
    named = {
        kind: "; ".join(one.name for one in documents if one.kind == kind)
        for kind in (DocumentKind.CERTIFICATE, DocumentKind.MANUAL, DocumentKind.BROCHURE)
    }
    return tuple(SheetRow(str(kind), (names,)) for kind, names in named.items())


def _both(said: Callable[[], str]) -> tuple[str, str]:
    """A text in Chinese and in English."""
    with force_locale("zh"):
        chinese = said()
    with force_locale("en"):
        return chinese, said()
