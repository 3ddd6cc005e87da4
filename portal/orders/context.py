"""A dealer's standing at the moment of an order.

Facts, permissions, credit, the answer already given to the same key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.dealers.fragments import region_of, tier_of
from portal.dealers.queries import DEALER_COLUMNS, DealerFacts, facts_of
from portal.feed.fragments import demanded
from portal.kernel import locks
from portal.kernel.errors import NotFound
from portal.kernel.locks import GATE, Rank
from portal.orders.compliance_rules import Authorisation, Licence, Permissions
from portal.orders.rules import Credit, Demanded

# The moment is read once, so that tier and region are those of its day: of `clock`, which stands before this.
_DAY = "SELECT moment, app_day(moment) AS day FROM"
_STANDING = f"""
SELECT clock.moment,
       {DEALER_COLUMNS},
       a.credit_limit, a.balance, a.open_orders,
       (SELECT json_agg(json_build_array(l.device_class, l.category_codes, l.valid_from,
                                         CASE WHEN l.renewal_asked_on IS NULL THEN l.valid_to END, l.number)
                        ORDER BY l.valid_from DESC, l.id)
          FROM dealer_licence l WHERE l.dealer_id = d.id) AS licences,
       (SELECT json_agg(json_build_array(u.region_id, u.valid_from, u.valid_to, u.category_codes, u.hospitals)
                        ORDER BY u.valid_from DESC, u.region_id)
          FROM dealer_authorisation u WHERE u.dealer_id = d.id) AS authorisations,
       (SELECT json_build_object('code', t.code, 'province', p.name_zh, 'city', t.city, 'line', t.line,
                                 'contact', t.contact_name, 'phone', t.contact_phone,
                                 'region_id', t.region_id, 'area_id', p.parent_id)
          FROM dealer_address t JOIN region p ON p.id = t.region_id
         WHERE t.dealer_id = d.id
           AND (t.code = :ship_to OR (CAST(:ship_to AS text) IS NULL AND t.is_default))) AS address_to,
       (SELECT json_agg(json_build_array(h.id, h.code, h.name_zh, h.name_en) ORDER BY w.rank)
          FROM warehouse_service w JOIN warehouse h ON h.id = w.warehouse_id
         WHERE w.region_id = r.id) AS serving,
       {demanded("clock.moment")} AS demanded,
       (SELECT json_build_array(k.fingerprint, k.status, k.body)
          FROM idempotency_key k WHERE k.actor = :actor AND k.key = :key) AS answered
  FROM clock CROSS JOIN dealer d
  {tier_of("d.id", "clock.day")}
  {region_of("d.id", "clock.day")}
  JOIN dealer_account a ON a.dealer_id = d.id
 WHERE d.id = :dealer_id
"""

_SHIP_TO = ("code", "province", "city", "line", "contact", "phone")  # what an order keeps of the address
_LOOK = text(f"WITH clock AS MATERIALIZED ({_DAY} (SELECT clock_timestamp() AS moment) now) {_STANDING}")

# The gate first (see portal.kernel.locks), then the account: two orders of one dealer never spend
# the same credit.
_LOCK = text(
    f"""
    WITH gate AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(:gate)::text AS held
    ), clock AS MATERIALIZED (
      {_DAY} (SELECT clock_timestamp() AS moment FROM gate WHERE held IS NOT NULL) now)
    {_STANDING} FOR NO KEY UPDATE OF a
    """
)


@dataclass(frozen=True, slots=True)
class OrderContext:
    """Everything an order depends on but products.

    serving: (id, code) of the warehouses that may serve the dealer, nearest first.
    named: their names by code, in Chinese and in English.
    demanded: what has to be acknowledged before the dealer orders again.
    answered: (fingerprint, status, body) of an earlier call with the same idempotency key.
    """

    moment: datetime
    dealer: DealerFacts
    credit: Credit
    permissions: Permissions
    ship_to: dict[str, Any] | None
    serving: tuple[tuple[int, str], ...]
    named: dict[str, tuple[str, str]]
    demanded: tuple[Demanded, ...]
    answered: tuple[str, int, dict[str, Any]] | None


def read_context(
    session: Session, *, dealer_id: int, ship_to: str | None, hospital: str = ""
) -> OrderContext:
    """OrderContext for a check that writes nothing. Raises NotFound."""
    parameters = {"dealer_id": dealer_id, "ship_to": ship_to, "actor": "", "key": ""}
    return _read(session, _LOOK, parameters, hospital)


def lock_context(
    session: Session, *, dealer_id: int, ship_to: str | None, actor: str, key: str | None, hospital: str = ""
) -> OrderContext:
    """OrderContext behind the price gate with the dealer's account locked until the commit.

    Raises NotFound.
    """
    parameters = {"dealer_id": dealer_id, "ship_to": ship_to, "actor": actor, "key": key, "gate": GATE}
    locks.take(session, Rank.PRICES)
    locks.take(session, Rank.ACCOUNT, [(dealer_id,)])
    return _read(session, _LOCK, parameters, hospital)


def _read(session: Session, statement: Any, parameters: dict[str, Any], hospital: str) -> OrderContext:
    row = session.execute(statement, parameters).one_or_none()
    if row is None:
        raise NotFound()
    dealer, address = facts_of(row), row.address_to
    permissions = Permissions(
        dealer.state,
        tuple(
            Licence(kind, tuple(codes), _day(start), end and _day(end), number)
            for kind, codes, start, end, number in row.licences or ()
        ),
        tuple(
            Authorisation(region, _day(start), end and _day(end), tuple(codes), tuple(hospitals))
            for region, start, end, codes, hospitals in row.authorisations or ()
        ),
        address and tuple(address[area] for area in ("area_id", "region_id") if address[area] is not None),
        hospital,
    )
    return OrderContext(
        row.moment,
        dealer,
        Credit(row.credit_limit, row.balance, row.open_orders),
        permissions,
        address and {name: address[name] for name in _SHIP_TO},
        tuple((identity, code) for identity, code, _, _ in row.serving or ()),
        {code: (zh, en) for _, code, zh, en in row.serving or ()},
        tuple(Demanded(*entry) for entry in row.demanded or ()),
        row.answered and tuple(row.answered),
    )


def _day(value: str) -> date:
    return date.fromisoformat(value)
