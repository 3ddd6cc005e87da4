"""Fill an empty, migrated database with the demonstration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

from demo.enlarge import LARGE, Size, enlarge
from demo.loading.audit_history import write_audit
from demo.loading.audit_seal import seal_history
from demo.loading.bank import write_files
from demo.loading.books import close_months, write_ledger
from demo.loading.documents import write_invoices, write_orders, write_shipments
from demo.loading.facts import load_facts
from demo.loading.index_suspension import suspended_indexes
from demo.loading.lots import LotKeys, load_lots
from demo.loading.multiply import multiply_facts
from demo.loading.numbers import define_numbers
from demo.loading.planning import advise_warehouses
from demo.loading.progress import LoadProgress
from demo.loading.rows import advance_sequences, connect, vacuum_and_analyze
from demo.loading.stock import write_stock
from demo.loading.verification import verify
from demo.parts import PARTS
from demo.scenario import Part, Scenario, build_scenario
from demo.world.business_days import local_date
from portal.audit.signing import AuditKey
from portal.files.store import FileStore, store_at
from portal.kernel import clock

SEED = 1
SIZES = {"small": None, "large": LARGE}

Progress = Callable[[str, float], None]


def load(owner_url: str, app_url: str, files_url: str, scale: str, progress: Progress) -> dict[str, Any]:
    """Load the demonstration as of this moment; returns users with passwords and API clients with secrets.

    `scale` is ``small`` or ``large``. `progress` is told the step that begins and the share of the whole
    (0–1) that is done. The database is migrated and empty; files go to the store at `files_url`.
    """
    size = SIZES[scale]
    steps = LoadProgress(progress, large=size is not None)
    scenario = build_scenario(clock.now(), PARTS, seed=SEED, progress=steps.begin)
    with connect(owner_url) as connection:
        credentials = load_scenario(connection, scenario, PARTS, steps.begin, size)
        keep_files(connection, PARTS, store_at(files_url))
    steps.begin("advice on stock")
    advise_warehouses(app_url, scenario.now)
    steps.begin("verification")
    verify(app_url)
    return credentials


def seal_audit(owner_url: str, key: AuditKey) -> None:
    """Seal what the past has left in the audit."""
    with connect(owner_url) as connection:
        seal_history(connection, key, clock.now())


def write_bank_files(owner_url: str, folder: Path) -> None:
    """Statements of the bank whose amounts fit what dealers owe, for whoever takes one in."""
    with connect(owner_url) as connection:
        write_files(connection, folder, local_date(clock.now()))


def load_scenario(
    connection: psycopg.Connection,
    scenario: Scenario,
    parts: Sequence[Part],
    begin: Callable[[str], None],
    size: Size | None = None,
) -> dict[str, Any]:
    """Load a scenario of these parts through a connection of the owner, enlarged to `size` if given.

    `begin` is told each step.
    """
    define_numbers(connection, scenario.seed)
    with suspended_indexes(connection, parts):
        credentials = _load_facts(connection, scenario, parts, begin, size)
        _write_documents(connection, scenario, parts, begin)
        begin("keys and indexes")
    advance_sequences(connection)
    connection.commit()
    begin("budgets and claims")
    for part in parts:
        if part.act:
            part.act(connection, scenario)
    connection.commit()
    begin("statistics")
    vacuum_and_analyze(connection)
    return credentials


def keep_files(connection: psycopg.Connection, parts: Sequence[Part], store: FileStore) -> None:
    """Put the bytes of all files that the parts told of into the store."""
    for part in parts:
        if part.keep:
            part.keep(connection, store)


def _load_facts(
    connection: psycopg.Connection,
    scenario: Scenario,
    parts: Sequence[Part],
    begin: Callable[[str], None],
    size: Size | None,
) -> dict[str, Any]:
    begin("products and dealers")
    whole, copies = enlarge(scenario, size) if size else (scenario, None)
    credentials: dict[str, Any] = {}
    for part in parts:
        if part.load:
            credentials |= part.load(connection, whole) or {}
    begin("prices of past orders")
    lots = LotKeys(scenario.lots)
    load_lots(connection, scenario, lots)
    load_facts(connection, scenario, lots)
    if copies:
        begin("many times over")
        multiply_facts(connection, copies)
    return credentials


def _write_documents(
    connection: psycopg.Connection, scenario: Scenario, parts: Sequence[Part], begin: Callable[[str], None]
) -> None:
    begin("orders")
    write_orders(connection)
    begin("shipments")
    write_shipments(connection)
    begin("invoices")
    write_invoices(connection)
    begin("ledger")
    write_ledger(connection, scenario.now)
    begin("stock")
    write_stock(connection, scenario.now)
    begin("all that followed")
    for part in parts:
        if part.write:
            part.write(connection, scenario)
    begin("statements and audit")
    close_months(connection, scenario.now)
    write_audit(connection)
