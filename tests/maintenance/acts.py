"""What headquarters plans, what the job makes due, and devices that have been in use for a while."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from portal.devices.import_devices import keep_import, take_rows
from portal.devices.imported_rows import FileRow
from portal.kernel.db import Database, transaction
from portal.kernel.errors import Conflict
from portal.maintenance import make_due as due
from portal.maintenance.queries import of_device
from portal.maintenance.set_plan import PlanEntry, set_plan
from tests import cast
from tests.builders import Given
from tests.devices.acts import an_installation, as_, installed, number_of, sent
from tests.roles import Dealer

TODAY = cast.TODAY
LONG_AGO = TODAY - timedelta(days=400)


def planned(database: Database, **said: Any) -> None:
    """A plan of stents, once a year, with a check-list of two."""
    usual: dict[str, Any] = {
        "code": "PM-1",
        "name_zh": "年度保养",
        "name_en": "Yearly service",
        "every_months": 12,
        "sku": "STENT",
        "items": "外观 | Housing\n温度 | Heat | °C",
        "parts": "密封圈",
    }
    as_(database, cast.quality, set_plan, entry=PlanEntry(**usual | said), at=cast.NOW)


def run(database: Database, today: date = TODAY) -> None:
    """The job that makes what is due."""
    with transaction(database.system_session()) as session:
        due.drop_gone(session)
        due.bring_forward(session, today=today)
        due.tell_missed(session, before=today - timedelta(days=14), at=cast.NOW)
        assert due.make_due(session, today=today) is None


def in_use(
    given: Given,
    database: Database,
    owner: Connection,
    *serials: str,
    since: date = LONG_AGO,
    to: Dealer = cast.huadong,
) -> str:
    """Devices that have been in use since a day; the first one's number."""
    sent(given, database, *serials, to=to)
    day = {"day": since - timedelta(days=5), "serials": list(serials)}
    owner.execute(text("UPDATE device SET shipped_on = :day WHERE serial = ANY (:serials)"), day)
    for serial in serials:
        said = an_installation(installed_on=since, accepted_on=since)
        installed(database, number_of(owner, serial), said, by=to.service)
    return number_of(owner, serials[0])


def a_device_and_its_maintenance(database: Database, dealer: Dealer) -> dict[str, str]:
    """An imported device of a dealer in use, and what is due of it, by the kinds of these documents."""
    told = {"dealer": dealer.code, "sku": "STENT", "serial": f"SN-{dealer.code}"[:20], "hospital": "示范医院"}
    told |= {"installed_on": LONG_AGO.isoformat(), "installed_by": "赵磊", "city": "上海", "level": "三甲"}
    about = {"rows": [FileRow(1, told)], "today": TODAY, "at": cast.NOW, "document": ""}
    [outcome] = as_(database, cast.quality, take_rows, **about)
    with suppress(Conflict):
        planned(database)
    run(database)
    with transaction(database.system_session()) as session:
        [due_one] = of_device(session, outcome.number)
    return {"device": outcome.number, "maintenance": due_one.number}


def an_import(database: Database) -> str:
    """A file that was looked through and waits, one row good and one not; its number."""
    rows = [
        FileRow(2, {"dealer": "huadong", "sku": "STENT", "serial": "OLD-7"}),
        FileRow(3, {"dealer": "nobody", "sku": "GLOVES", "serial": ""}),
    ]
    about = {"file_name": "devices.csv", "rows": rows, "today": cast.TODAY, "at": cast.NOW}
    return as_(database, cast.quality, keep_import, **about)
