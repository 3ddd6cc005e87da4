"""Programs that call the API: each dealer's, headquarters', and any with the scopes a test needs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from portal.identity.rules import Right
from tests import cast, stage
from tests.roles import System
from tests.web_clients import Caller

HEADQUARTERS = (Right.HQ_CATALOGUE, Right.HQ_DEALERS, Right.HQ_ORDERS, Right.HQ_SHIPPING, Right.HQ_FINANCE, Right.HQ_POLICIES)


@pytest.fixture
def huadong(api) -> Caller:
    """The system of the dealer that buys."""
    return api(cast.huadong.system)


@pytest.fixture
def rival(api) -> Caller:
    """The system of its rival."""
    return api(cast.yuegang.system)


@pytest.fixture
def system(owner, api) -> Callable[..., Caller]:
    """``system(Right.ORDERS_READ, dealer=cast.huadong)``: a program with these scopes and no others."""
    numbers = count(80_001)

    def with_scopes(*scopes: Right, dealer=None) -> Caller:
        number = next(numbers)
        newcomer = System(number, f"system-{number}", f"System {number}", scopes, dealer.id if dealer else None)
        with owner.engine.begin() as connection:
            stage.put_systems(connection, [newcomer])
        return api(newcomer)

    return with_scopes


@pytest.fixture
def hq(system) -> Caller:
    """Headquarters' ERP with every scope that has calls."""
    return system(*HEADQUARTERS)


@pytest.fixture
def controller(api) -> Caller:
    """Headquarters' program that decides on what the ERP asks for."""
    return api(cast.controller)
