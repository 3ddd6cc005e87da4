"""What the pages of a delivery share on both sides: the record, the paper, the link for the door."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from io import BytesIO
from typing import Any

from flask import send_file, url_for
from werkzeug.wrappers import Response

from portal.deliveries.links import MAY_MAKE, Link, link_of, make_link, revoke_link
from portal.deliveries.photos import PROOF
from portal.deliveries.proof_pdf import Picture, ProofPaper, render
from portal.deliveries.queries import Delivery, Proof, cases_of, delivery, proof_of
from portal.deliveries.words import KIND_LABELS, WAY_LABELS
from portal.files.attach import files_of
from portal.files.preview_file import small_picture
from portal.files.rules import Owner
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.kernel.formats import date_time, in_zone
from portal.web import language
from portal.web.presentation import address_line, in_language, labels, unit
from portal.web.request import current_actor, current_session, portal


def delivery_context(number: str, *makers: StrEnum) -> dict[str, Any]:
    """A delivery with what was signed and its cases, or with the link by which that is done.

    makers: rights of which one is needed to be shown the link.
    """
    session = current_session()
    found = delivery(session, number)
    link = link_of(session, number, at=clock.now())
    may_make = any(map(current_actor().may, makers))
    return {
        "delivery": found,
        "proof": proof_of(session, found.dealer_id, found.id),
        "photos": files_of(session, Owner(PROOF, number)),
        "cases": cases_of(session, found.dealer_id, found.id),
        "link": link,
        "may_make": may_make,
        "link_address": address_of(link) if may_make else None,
        "kinds": labels(KIND_LABELS),
        "ways": labels(WAY_LABELS),
    }


def address_of(link: Link | None) -> str | None:
    """The whole address of a link that is open."""
    if link is None or link.token is None:
        return None
    return portal().settings.base_url.rstrip("/") + url_for("delivery_link.show", token=link.token)


def sign_address(number: str) -> str:
    """The address that a delivery note bears as a QR code: of an open link, for who may be shown it."""
    if not any(map(current_actor().may, MAY_MAKE)):
        return ""
    return address_of(link_of(current_session(), number, at=clock.now())) or ""


def make_the_link(number: str) -> None:
    """Make the link of a shipment, or keep the one that is open."""
    make_link(
        current_session(),
        actor=current_actor(),
        shipment_number=number,
        valid=timedelta(days=portal().settings.delivery_link_days),
        at=clock.now(),
    )


def revoke_the_link(number: str) -> None:
    """End the link of a shipment."""
    revoke_link(current_session(), actor=current_actor(), shipment_number=number, at=clock.now())


def send_proof(number: str) -> Response:
    """The proof as PDF. Raises NotFound where nothing was signed."""
    session = current_session()
    found = delivery(session, number)
    proof = proof_of(session, found.dealer_id, found.id)
    if proof is None:
        raise NotFound()
    file = BytesIO()
    render(_paper(found, proof, _pictures(found)), file)
    file.seek(0)
    return send_file(
        file, mimetype="application/pdf", as_attachment=True, download_name=f"{number}.pdf", max_age=0
    )


def _pictures(found: Delivery) -> tuple[Picture, ...]:
    """The photos of a proof, small, as far as they are pictures. Raises Unavailable without the store."""
    session, app = current_session(), portal()
    return tuple(
        Picture(
            f"{row.name}  SHA-256 {row.sha256[:16]}…",
            small_picture(session, actor=current_actor(), store=app.file_store, file_id=row.id),
        )
        for row in files_of(session, Owner(PROOF, found.number))
        if row.is_picture
    )


def _paper(found: Delivery, proof: Proof, pictures: tuple[Picture, ...]) -> ProofPaper:
    settings, locale = portal().settings, language.current()
    ship_to = found.ship_to
    return ProofPaper(
        locale=locale,
        company=(in_language(settings.company_name_zh, settings.company_name_en), ""),
        consignee=(in_language(found.consignee_zh, found.consignee_en), ""),
        address=address_line(ship_to["province"], ship_to["city"], ship_to["line"]),
        number=found.number,
        order=found.order_number,
        carrier=f"{found.carrier} {found.tracking_no}",
        shipped=_moment(found.shipped_at, locale),
        signed=_moment(proof.signed_at, locale),
        created=in_zone(proof.signed_at, settings.timezone),
        way=proof.way,
        name=proof.signed_name,
        note=proof.note,
        signature=proof.signature,
        pictures=pictures,
        lines=tuple(
            (
                line.sku,
                in_language(line.name_zh, line.name_en),
                line.lot_no,
                unit(line.unit),
                line.shipped,
                line.received,
                line.damaged,
            )
            for line in proof.lines
        ),
    )


def _moment(moment: Any, locale: str) -> str:
    return date_time(moment, timezone=portal().settings.timezone, locale=locale)
