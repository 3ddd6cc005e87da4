"""One scenario for all tests of the demo: it is a value, and nobody changes it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from demo.parts import PARTS
from demo.scenario import Scenario, build_scenario
from demo.world.business_days import local_date

NOW = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)  # a Wednesday afternoon in China
TODAY = local_date(NOW)


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    """The demonstration as of a fixed moment."""
    return build_scenario(NOW, PARTS, progress=lambda step: None)


@pytest.fixture
def today() -> date:
    """Business date of the scenario."""
    return TODAY
