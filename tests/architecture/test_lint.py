"""The source is laid out by the formatter and free of what the linter finds, as pyproject.toml says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture import tree


@pytest.mark.parametrize(
    "command", [("check", "--output-format=concise"), ("format", "--check")], ids=["check", "format"]
)
def test_ruff_has_nothing_to_say(command):
    outcome = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--no-cache", "."],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
