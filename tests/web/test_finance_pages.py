"""The finances of a dealer and of headquarters at a glance, and ageing at any day."""

from __future__ import annotations

import pytest

from tests import cast


@pytest.mark.only_asks
def test_pages_open(sign_in):
    dealer, hq = sign_in(cast.huadong.finance), sign_in(cast.hq_finance)
    assert dealer.get("/finance").status_code == 200
    assert dealer.get("/finance/ageing?at=2026-01-01&seen=1").status_code == 200
    assert hq.get("/hq/finance").status_code == 200
    assert hq.get("/hq/ageing").status_code == 200
    assert hq.get("/hq/ageing/huadong?at=2026-01-01").status_code == 200
