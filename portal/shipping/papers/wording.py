"""What the papers of a parcel say, by key; a context of its own in the catalogue of `portal/translations`."""

from __future__ import annotations

from collections.abc import Mapping

from babel.support import NullTranslations

from portal.kernel.translations import words as translations

LOCALES = ("zh", "en")


def words_of(locale: str, title: str) -> Mapping[str, str]:
    """Label by key; `title` names the paper, and the other language stands below it."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    own = _translated(translations(locale))
    return own | {"title": own[title], "subtitle": other[title].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "delivery_note": pgettext("parcel paper", "Delivery note"),
        "pick_list": pgettext("parcel paper", "Pick list"),
        "packing_list": pgettext("parcel paper", "Packing list"),
        "addressee": pgettext("parcel paper", "Consignee"),
        "address": pgettext("parcel paper", "Address"),
        "contact": pgettext("parcel paper", "Contact"),
        "dealer_code": pgettext("parcel paper", "Dealer no."),
        "note_no": pgettext("parcel paper", "Note no."),
        "order_no": pgettext("parcel paper", "Online order no."),
        "own_order_no": pgettext("parcel paper", "PO number"),
        "parcel_no": pgettext("parcel paper", "Shipment no."),
        "wave_no": pgettext("parcel paper", "Wave no."),
        "shipped_on": pgettext("parcel paper", "Ship date"),
        "carrier": pgettext("parcel paper", "Carrier"),
        "waybill": pgettext("parcel paper", "Waybill no."),
        "from": pgettext("parcel paper", "Shipped from"),
        "credit_code": pgettext("parcel paper", "Credit code"),
        "warehouse": pgettext("parcel paper", "Warehouse"),
        "packages": pgettext("parcel paper", "Packages"),
        "place": pgettext("parcel paper", "No."),
        "product": pgettext("parcel paper", "Product, model"),
        "registration": pgettext("parcel paper", "Registration, makers"),
        "lot": pgettext("parcel paper", "Lot, serial no."),
        "days": pgettext("parcel paper", "Made, expiry"),
        "expiry": pgettext("parcel paper", "Expiry"),
        "quantity": pgettext("parcel paper", "Quantity"),
        "storage": pgettext("parcel paper", "Storage"),
        "bin": pgettext("parcel paper", "Bin"),
        "parcels": pgettext("parcel paper", "For"),
        "taken": pgettext("parcel paper", "Taken"),
        "registrant": pgettext("parcel paper", "Registrant: %(name)s"),
        "produced": pgettext("parcel paper", "made %(day)s"),
        "expires": pgettext("parcel paper", "exp. %(day)s"),
        "no_lot": pgettext("parcel paper", "no lot"),
        "no_expiry": pgettext("parcel paper", "no expiry"),
        "serials": pgettext("parcel paper", "S/N"),
        "total": pgettext("parcel paper", "Units in all"),
        "copy": pgettext("parcel paper", "Reprint %(copy)s"),
        "reviewed_by": pgettext("parcel paper", "Outbound review"),
        "received_by": pgettext("parcel paper", "Received by, date"),
        "as_labelled": pgettext("parcel paper", "as labelled"),
        "sign_at": pgettext("parcel paper", "Scan to sign for the goods. Whoever has this paper can sign."),
        "seal": pgettext("parcel paper", "Outbound seal"),
        "page": pgettext("parcel paper", "Page %(page)s of %(pages)s"),
        "box": pgettext("parcel paper", "Package %(number)s of %(packages)s"),
        "each": pgettext("parcel paper", "single unit"),
        "inner": pgettext("parcel paper", "inner box"),
        "case": pgettext("parcel paper", "case"),
        "pallet": pgettext("parcel paper", "pallet"),
        "weight": pgettext("parcel paper", "Weight"),
        "kind": pgettext("parcel paper", "Packaging"),
        "not_packed": pgettext("parcel paper", "not packed yet"),
        "unit_of": pgettext("parcel paper", "%(quantity)s %(unit)s"),
    }
