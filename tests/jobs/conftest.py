"""Jobs on this test's database and Valkey, and workers as processes of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psutil
import pytest
from rq import Worker
from sqlalchemy import Connection, text

from config import Settings
from jobs import resources
from tests import servers

PATIENCE = 60  # seconds


@pytest.fixture
def at_work(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Jobs called in this process use the test's settings; more can be set on what is returned."""
    shared = (resources.valkey, resources.database, resources.issuer)
    for made in shared:
        made.cache_clear()
    monkeypatch.setattr(resources, "settings", lambda: settings)
    yield monkeypatch
    resources.database().dispose()
    resources.valkey().close()
    for made in shared:
        made.cache_clear()


@pytest.fixture
def worker(settings: Settings) -> Callable:
    """``with worker() as process``: a real worker, listening; killed with its children at the end."""

    def started(module: str = "jobs.worker", **changed: str) -> AbstractContextManager[psutil.Popen]:
        return servers.child(module, servers.environment(settings) | changed)

    return started


def listening(count: int = 1) -> None:
    """Wait until so many workers listen."""
    until(
        lambda: [worker.get_state() for worker in Worker.all(resources.valkey())].count("idle") >= count,
        "no worker came up",
    )


def until(reached: Callable[[], object], otherwise: str) -> None:
    """Wait for a state that another process brings about."""
    deadline = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def many_dealers(owner: Connection, count: int) -> None:
    """So many dealers more, who have ordered nothing."""
    with owner.engine.begin() as connection:
        connection.execute(_DEALERS, {"count": count})


_DEALERS = text(
    """
    WITH many AS (
      INSERT INTO dealer (id, code, name_zh, name_en, credit_code, city, address,
                          contact_name, contact_phone, payment_terms_days)
      OVERRIDING SYSTEM VALUE
      SELECT 5000 + n, 'many-' || n, '示例经销商' || n, 'Dealer ' || n, 'MANY' || n, d.city,
             d.address, d.contact_name, d.contact_phone, 30
        FROM generate_series(1, :count) n, (SELECT * FROM dealer ORDER BY id LIMIT 1) d
      RETURNING id
    ), graded AS (
      INSERT INTO dealer_tier (dealer_id, valid_from, tier, assigned_by)
      SELECT id, '2020-01-01', 'C', 'system' FROM many
    ), placed AS (
      INSERT INTO dealer_region (dealer_id, valid_from, region_id, assigned_by)
      SELECT many.id, '2020-01-01', d.region_id, 'system'
        FROM many, (SELECT region_id FROM dealer_region ORDER BY dealer_id LIMIT 1) d
    )
    INSERT INTO dealer_account (dealer_id, credit_limit) SELECT id, 0 FROM many
    """
)
