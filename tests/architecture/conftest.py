"""What tests of the schema share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import cast, dealer_rows, servers
from tests.conftest import owner_engine


@pytest.fixture(scope="module")
def filled_database(cluster: servers.Cluster, template: str) -> Iterator[str]:
    """A database in which every dealer of the cast owns a row in every table.

    The tests of this module roll back.
    """
    name = cluster.create("filled", template=template)
    engine = owner_engine(cluster, name)
    with engine.begin() as connection:
        dealer_rows.insert_dealer_rows(connection, *cast.dealers)
    engine.dispose()
    yield name
    cluster.drop(name)
