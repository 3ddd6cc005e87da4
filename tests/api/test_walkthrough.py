"""The program in the documents does the main job as it stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from tests import cast

PROGRAM = Path(__file__).parents[2] / "docs" / "examples" / "walkthrough.py"


def walk(address: str, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROGRAM), address, cast.huadong.system.client_id, cast.SECRET, *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60)


def test_it_scans_prices_orders_and_follows_and_tells_a_refusal_fault_by_fault(live_server, owner):
    lost = f"01{cast.gloves.udi_di}10A121S9"
    done = walk(live_server, lost, "GLOVES", "2", typed="2\n")
    assert done.returncode == 0, done.stderr
    assert f"The code says {cast.gloves.udi_di} A1 S9" in done.stdout and "of GLOVES" in done.stdout
    number = owner.execute(text("SELECT number FROM sales_order WHERE purchase_order_no = 'WALK-1'")).scalar()
    assert number and f"Ordered {number} " in done.stdout
    refused = walk(live_server, cast.gloves.udi_di, "NO-SUCH", "2")
    assert refused.returncode == 1
    assert "NO-SUCH" in refused.stderr and "Traceback" not in refused.stderr
