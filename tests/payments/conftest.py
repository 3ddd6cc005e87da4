"""A portal that has the keys of Stripe."""

from __future__ import annotations

import pytest

from config import Settings
from tests.jobs.conftest import at_work  # noqa: F401 - a fixture
from tests.payments.acts import with_keys


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With keys, and a Stripe that does not answer."""
    return with_keys(settings)
