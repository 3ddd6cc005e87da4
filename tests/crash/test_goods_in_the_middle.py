"""The web is killed in the middle of an act on goods, its rows written, not committed: nothing has happened,
and the same call does it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from threading import Thread
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, text

from launch.process import wait_until
from portal.kernel.db import Database
from tests import cast
from tests.builders import Given
from tests.crash.company import Company, company
from tests.goods_scenes import GoodsScene, goods_scene
from tests.invariants import broken_promises
from tests.roles import System
from tests.scenes import UNITS
from tests.scenes import Company as Scenery
from tests.transfers.acts import untrue

_SECONDS = 40  # until what was killed is there again

pytestmark = pytest.mark.timeout(300)  # everything is started, killed and started again


@dataclass(frozen=True)
class Act:
    """A call about a document of a scene: its path below /api/v1 and body.

    writes: the last table that it writes before its line in the audit; there it is stopped.
    """

    on: str | None
    writes: str
    path: str
    body: Callable[[GoodsScene], dict[str, Any]]
    by: System = cast.erp


def _line(scene: GoodsScene, **said: Any) -> dict[str, Any]:
    return {"lines": [{"sku": scene.product.sku, "lot": "A", **said}]}


ACTS = {
    "receipt": Act(
        None,
        "acceptance_record",
        "/hq/goods-receipts",
        lambda scene: (
            {"warehouse": cast.shanghai_warehouse.code, "reference": "mid"}
            | _line(scene, quantity=UNITS, expires_on=str(cast.TODAY + timedelta(days=900)), lot="NEW")
        ),
    ),
    "dispatch": Act("draft", "stock_transfer", "/hq/transfers/{}/dispatch", lambda _: {}),
    "transfer": Act(
        "in_transit",
        "stock_transfer_outcome",
        "/hq/transfers/{}/receipt",
        lambda scene: _line(scene, received=UNITS - 1, damaged=1),
    ),
    "return": Act("approved", "return_line", "/hq/returns/{}/receipt", lambda _: {}),
    "inspection": Act(
        "returned",
        "return_finding",
        "/hq/returns/{}/inspection",
        lambda scene: _line(scene, quantity=UNITS, result="saleable"),
    ),
    "count": Act(
        "counted",
        "stock_count",
        "/hq/stock-counts/{}/approval",
        lambda _: {"note": "seen"},
        cast.controller,
    ),
}


@pytest.fixture(scope="module")
def house() -> Iterator[Company]:
    with company() as house:
        yield house


@pytest.fixture(scope="module")
def scenery(house) -> Iterator[Scenery]:
    database = Database(house.postgres.app_url)
    with house.owner.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        given = Given(owner, database)
        yield Scenery(owner, given, database, cast.huadong, cast.gauze)
    database.dispose()


@pytest.mark.parametrize("name", ACTS)
def test_an_act_that_was_killed_in_the_middle_is_done_once(house, scenery, name):
    act, scene = ACTS[name], goods_scene(scenery)
    document = scene.document(act.on) if act.on else ""
    call = Call(house, act.by, act.path.format(document), act.body(scene), key=f"{name}-1")
    again = Call(house, act.by, call.path, call.body, key=f"{name}-2")
    before = moved(scenery.owner)
    killed_in_the_middle(house, scenery.owner, call, act.writes)
    assert moved(scenery.owner) == before
    assert untrue(scenery.database) == []
    answer = call.made()
    assert answer.is_success, answer.text
    after = moved(scenery.owner)
    assert after != before
    assert call.made().json() == answer.json()
    if act.on:  # of a delivery of the same goods nobody can tell whether it is another
        other = again.made()
        assert other.status_code == 409 or other.json() == answer.json()
    assert moved(scenery.owner) == after
    assert broken_promises(scenery.owner) == {}
    assert untrue(scenery.database) == []


class Call:
    """A call of a program with a key; the same one may be made again."""

    def __init__(self, house: Company, by: System, path: str, body: dict[str, Any], key: str) -> None:
        self.path, self.body = path, body
        self._http = httpx.Client(base_url=house.address, timeout=_SECONDS)
        self._key = {"Idempotency-Key": key}
        form = {"grant_type": "client_credentials", "client_id": by.client_id, "client_secret": cast.SECRET}
        token = self._http.post("/oauth/token", data=form).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def made(self) -> httpx.Response:
        """What is answered. Raises httpx.TransportError where nobody answers."""
        return self._http.post(f"/api/v1{self.path}", json=self.body, headers=self._key)


def killed_in_the_middle(house: Company, owner: Connection, call: Call, table: str) -> None:
    """The call comes as far as its rows in a table; there the web is killed, and starts again."""
    heard: list[Exception | httpx.Response] = []

    def make() -> None:
        try:
            heard.append(call.made())
        except httpx.TransportError as error:
            heard.append(error)

    waits = text("SELECT pid FROM pg_locks WHERE relation = CAST(:table AS regclass) AND NOT granted")
    caller = Thread(target=make, daemon=True)
    with house.owner.begin() as holding:
        holding.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        caller.start()
        assert wait_until(lambda: owner.execute(waits, {"table": table}).first(), _SECONDS)
        pid = owner.execute(waits, {"table": table}).scalar_one()
        house.lose_every_web_worker()
        caller.join(_SECONDS)
    assert isinstance(heard[0], httpx.TransportError), heard
    gone = text("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = :pid)")
    assert wait_until(lambda: owner.execute(gone, {"pid": pid}).scalar_one(), _SECONDS)
    assert wait_until(lambda: answers(house), _SECONDS)


def answers(house: Company) -> bool:
    """Whether the web is there again; what died is started."""
    house.tend()
    try:
        return house.whole() and httpx.get(f"{house.address}/readyz").json()["status"] == "ready"
    except httpx.TransportError:
        return False


def moved(owner: Connection) -> tuple[Any, ...]:
    """How many rows each table has that acts on goods only add to; letters are the workers'."""
    tables = ("stock_movement", "acceptance_record", "stock_transfer_outcome", "return_finding", "invoice")
    kept = [*tables, "audit_event", "outbox WHERE topic NOT LIKE 'notification.%'"]
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in kept)
    return tuple(owner.execute(text(f"SELECT {counts}")).one())
