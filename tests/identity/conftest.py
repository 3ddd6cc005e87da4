"""The role that signs people in, which seals as the portal does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config import Settings
from portal.kernel.db import Database
from portal.kernel.opaque import Sealer


@pytest.fixture
def sealer(settings: Settings) -> Sealer:
    return Sealer(settings.secret_key.get_secret_value())


@pytest.fixture
def issuer(settings: Settings, sealer: Sealer) -> Iterator[Database]:
    url = settings.issuer_database_url
    assert url is not None
    made = Database(url.get_secret_value(), pool_size=4, sealer=sealer)
    yield made
    made.dispose()
