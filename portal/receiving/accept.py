"""The record of acceptance (验收记录): written once for every decision about units that arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Decision:
    """Units of a line that were accepted and refused. fault: what is wrong with the refused ones."""

    line_no: int
    accepted: int
    refused: int
    fault: str = ""
    refused_serials: Sequence[str] = ()


def write_records(
    session: Session, *, receipt_id: int, decisions: Sequence[Decision], actor: Actor, at: datetime
) -> None:
    """One record a decision, with product, certificate and supplier as they are at this moment."""
    about = {"receipt_id": receipt_id, "actor": actor.key, "actor_label": actor.label, "at": at}
    for one in decisions:
        said = {
            "line_no": one.line_no,
            "accepted": one.accepted,
            "refused": one.refused,
            "fault": one.fault,
            "refused_serials": list(one.refused_serials),
        }
        session.execute(_RECORD, about | said)


_RECORD = text(
    """
    INSERT INTO acceptance_record (
           at, actor, actor_label, receipt_id, line_no, product_id, sku, udi_di, name_zh, name_en,
           specification, unit, registrant, contract_maker, contract_maker_licence, registration_no, lot_no,
           serials, produced_on, expires_on, arrived, accepted, refused, refused_serials, fault, supplier,
           supplier_address, supplier_contact, supplier_licence)
    SELECT :at, :actor, :actor_label, g.id, l.line_no, p.id, p.sku, p.udi_di, p.name_zh, p.name_en,
           p.specification, p.unit, p.maker, l.contract_maker, l.contract_maker_licence, p.registration_no,
           t.lot_no, l.serials, t.produced_on, t.expires_on, l.quantity, :accepted, :refused,
           CAST(:refused_serials AS text[]), :fault, coalesce(s.name, ''), coalesce(s.address, ''),
           coalesce(s.contact, ''), coalesce(s.licence_no, '')
      FROM goods_receipt g
      JOIN goods_receipt_line l ON l.receipt_id = g.id
      JOIN product p ON p.id = l.product_id
      JOIN lot t ON t.id = l.lot_id
      LEFT JOIN supplier s ON s.id = g.supplier_id
     WHERE g.id = :receipt_id AND l.line_no = :line_no
    """
)
