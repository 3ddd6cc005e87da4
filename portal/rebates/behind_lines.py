"""What a page tells of accrued lines beyond their figures: the goods by name, the shipment of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.rebates.earned import EarnedLine


@dataclass(frozen=True, slots=True)
class Behind:
    """names: of products by SKU, Chinese and English. shipments: by the number of a document."""

    names: Mapping[str, tuple[str, str]]
    shipments: Mapping[str, str]


def behind(session: Session, *, dealer_id: int, lines: Sequence[EarnedLine]) -> Behind:
    """The same for some lines of one dealer. A payment has no shipment."""
    skus = sorted({line.sku for line in lines})
    documents = sorted({line.document for line in lines})
    names = session.execute(_NAMES, {"skus": skus})
    shipments = session.execute(_SHIPMENTS, {"dealer_id": dealer_id, "documents": documents})
    return Behind(
        {row.sku: (row.name_zh, row.name_en) for row in names},
        {row.document: row.shipment for row in shipments},
    )


_NAMES = text("SELECT sku, name_zh, name_en FROM product WHERE sku = ANY (CAST(:skus AS text[]))")
_SHIPMENTS = text(
    """
    SELECT i.number AS document, s.number AS shipment
      FROM invoice i JOIN shipment s ON (s.dealer_id, s.id) = (i.dealer_id, i.shipment_id)
     WHERE i.dealer_id = :dealer_id AND i.number = ANY (CAST(:documents AS text[]))
     UNION ALL
    SELECT number, number FROM shipment
     WHERE dealer_id = :dealer_id AND number = ANY (CAST(:documents AS text[]))
    """
)
