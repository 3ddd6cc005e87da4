"""The last step: the portal's own check, as the role that serves."""

from __future__ import annotations

from sqlalchemy import text

from portal.db import Database, transaction
from portal.identity.rules import SYSTEM
from portal.stock.check_levels import check_levels


def prove(app_url: str) -> None:
    """Raise ValueError unless stock, lots, movements, orders and parcels add up."""
    database = Database(app_url)
    try:
        with transaction(database.system_session()) as session:
            session.execute(text("SET LOCAL statement_timeout = 0"))  # a server that answers people keeps a short one
            differences = check_levels(session, actor=SYSTEM)
    finally:
        database.dispose()
    if differences:
        raise ValueError(f"the loaded stock does not add up in {len(differences)} places, first: {differences[0]}")
