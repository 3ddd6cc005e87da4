"""The annotations are true: mypy, as `pyproject.toml` sets it, finds nothing.

It stands beside other tests in a process of its own and takes half a minute of one core at most.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture import tree


@pytest.mark.timeout(300)  # on busy cores
def test_annotations_are_true(tmp_path):
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", tmp_path, "--no-error-summary"],
        cwd=tree.ROOT,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, f"mend the annotation or what it found:\n{checked.stdout}{checked.stderr}"


def test_a_silenced_error_has_its_reason():
    silent = [
        f"{tree.name(path)}:{number}"
        for path in tree.python_files("portal", "backoffice", "jobs")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if "# type: " + "ignore" in line and line.count("#") < 2
    ]
    assert not silent, "say behind the code of the error why it is none: `# type: ignore[code]  # …`"
