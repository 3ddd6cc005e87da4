"""An issuer as a process for the run, something before it for each test, and a portal that may ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from config import Settings
from portal.kernel.db import Database
from portal.kernel.opaque import Sealer
from tests.providers.other_issuer import OtherIssuer, before, mock_process

LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture(scope="session")
def mock() -> Iterator[str]:
    with mock_process() as address:
        yield address


@pytest.fixture
def other(mock: str) -> Iterator[OtherIssuer]:
    with before(mock) as issuer:
        yield issuer


@pytest.fixture
def rival(mock: str) -> Iterator[OtherIssuer]:
    with before(mock) as issuer:
        yield issuer


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Providers may stand on this machine."""
    return settings.model_copy(
        update={
            "providers_private": LOOPBACK,
            "dealer_providers_private": LOOPBACK,
            "company_sign_in_rate": "1000000 per minute",
        }
    )


@pytest.fixture
def issuer(settings: Settings) -> Iterator[Database]:
    url = settings.issuer_database_url
    assert url is not None
    sealer = Sealer(settings.secret_key.get_secret_value())
    made = Database(url.get_secret_value(), pool_size=4, sealer=sealer)
    yield made
    made.dispose()
