"""A database of the ledger's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import servers
from tests.conftest import owner_engine


@pytest.fixture(scope="package")
def many_books(cluster, template) -> Iterator:
    """A database for many accounts, one after the other."""
    name = cluster.create("ageing", template=template)
    engine, database = owner_engine(cluster, name), servers.database(cluster.app_url(name))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as owner:
        yield database, owner
    database.dispose()
    engine.dispose()
    cluster.drop(name)
