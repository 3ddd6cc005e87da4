"""The report a person reads."""

from __future__ import annotations

import pytest

from demo.source import report
from demo.source.cleaning import Fault


def test_the_report_names_every_fault_with_its_count(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("sys.argv", ["report", "--today", "2026-11-18"])
    report.main()
    printed = capsys.readouterr().out
    assert all(f"| {fault} |" in printed for fault in Fault)
    assert "| unknown risk class | 1025 |" in printed
    assert "| certificate with an absurd date | 1 | 05051986011752 CE 668821: …2202-12-31 |" in printed
    assert "Devices: 5455 read, 4430 accepted, 1025 refused." in printed
