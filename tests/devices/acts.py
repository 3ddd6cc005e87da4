"""What dealers and headquarters do with devices, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection, text

from portal.devices.import_devices import take_rows
from portal.devices.imported_rows import FileRow
from portal.devices.install import Reported, file_report
from portal.devices.life import DeviceDetail, device_of
from portal.devices.queries import sees_hospitals
from portal.devices.rules import Installation, Place
from portal.devices.set_rule import RuleEntry, set_rule
from portal.kernel.db import Database, transaction
from tests import cast
from tests.builders import Given
from tests.roles import Dealer, Person, Product, System
from tests.shipping.acts import picked, shipped

T = TypeVar("T")
SERVICE, RIVAL = cast.huadong.service, cast.yuegang.service
HOSPITAL = "上海仁济示范医院"
INSTALLED_ON = cast.TODAY


def as_(database: Database, who: Person | System, act: Callable[..., T], /, **about: Any) -> T:
    """What ``act(session, actor=…, …)`` gives, committed."""
    actor = who.actor()
    with transaction(database.session_for(actor)) as session:
        return act(session, actor=actor, **about)


def sent(
    given: Given, database: Database, *serials: str, to: Dealer = cast.huadong, on: date = cast.TODAY
) -> str:
    """Stents with these serials that have left for a dealer; the shipment."""
    order = given.an_order({cast.stent: len(serials)}, by=to.buyer).number
    parcel = picked(database, order).shipment_number
    return shipped(database, parcel, serials={(1, "ST-1"): serials}, today=on).shipment_number


def number_of(owner: Connection, serial: str) -> str:
    """The number of the device that somebody has now."""
    asked = text("SELECT number FROM device WHERE serial = :serial AND held_until IS NULL")
    return owner.execute(asked, {"serial": serial}).scalar_one()


def an_installation(**said: Any) -> Installation:
    """A report of yesterday with everything in it."""
    place = Place(said.pop("hospital", HOSPITAL), "3a", "上海", said.pop("department", "心内科"))
    usual: dict[str, Any] = {"installed_on": INSTALLED_ON, "installed_by": "工程师 赵磊"}
    accepted = {"accepted_on": cast.TODAY, "accepted_by": "设备科 孙静"}
    return Installation(place, **usual | accepted | said)


def installed(
    database: Database,
    number: str,
    said: Installation | None = None,
    *,
    by: Person | System = SERVICE,
    files: Sequence[str] = (),
    revision: int | None = None,
) -> Reported:
    """A report that was filed."""
    return as_(
        database,
        by,
        file_report,
        device_number=number,
        said=said or an_installation(),
        files=files,
        revision=revision,
        today=cast.TODAY,
        at=cast.NOW,
    )


def in_register(
    database: Database, dealer: Dealer, product: Product, serial: str, *, since: date, lot: str = ""
) -> str:
    """A device of a dealer that came with a file and is in use since a day; its number."""
    told = {"dealer": dealer.code, "sku": product.sku, "serial": serial, "lot": lot, "hospital": HOSPITAL}
    told |= {"level": "三甲", "city": "上海", "department": "心内科"}
    told |= {"installed_on": since.isoformat(), "installed_by": "工程师 赵磊"}
    about = {"rows": [FileRow(1, told)], "today": cast.TODAY, "at": cast.NOW, "document": ""}
    [outcome] = as_(database, cast.quality, take_rows, **about)
    assert outcome.number, outcome
    return outcome.number


def a_rule(database: Database, **said: Any) -> int:
    """Twelve months from the installation, three months after shipment at the latest, for everything."""
    usual: dict[str, Any] = {
        "months": 12,
        "starts": "installation",
        "latest_months": 3,
        "valid_from": date(2020, 1, 1),
    }
    return as_(database, cast.quality, set_rule, entry=RuleEntry(**usual | said), at=cast.NOW)


def seen_by(database: Database, who: Person | System, number: str) -> DeviceDetail:
    """The device as somebody reads it."""
    actor = who.actor()
    with transaction(database.session_for(actor)) as session:
        return device_of(session, number, sees=sees_hospitals(actor))
