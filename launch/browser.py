"""A Chromium for the browser tests: the installed one, else Debian's package, else Playwright's own.

The headless shell first: the same engine without the window around it, which takes a third of the time less.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from launch.refusal import Refusal
from launch.terminal import say

NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""Programs on the PATH, the first choice first."""

_PACKAGES = ("chromium-headless-shell", "chromium")  # Debian's; older releases have the second only
_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def bring_browser() -> Path:
    """Path of a browser that starts; installs one if there is none. Raises Refusal if none can be had."""
    if named := os.environ.get("CHROMIUM"):
        if not _starts(named):
            raise Refusal(f"CHROMIUM={named} is not a browser that starts.")
        return Path(named)
    for source in (_installed, _from_debian, _from_playwright):
        if browser := source():
            return browser
    raise Refusal(
        "the browser tests need a Chromium, and none is installed or could be installed.\n"
        "Install it (Debian: apt-get install chromium) or name one: CHROMIUM=/path/to/chromium"
    )


def _installed() -> Path | None:
    """The first browser on the PATH that starts."""
    found = [shutil.which(name) for name in NAMES] + [_MAC]
    return next((Path(path) for path in found if path and _starts(path)), None)


def _from_debian() -> Path | None:
    """Debian's package, if apt-get is here and we may use it without a password."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif shutil.which("sudo") and _succeeds(["sudo", "-n", "true"]):
        prefix = ["sudo", "-n"]
    else:
        return None
    say("installing Chromium by apt-get for the browser tests (once)")
    quietly = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=120",
    ]
    _succeeds([*quietly, "update"])
    for package in _PACKAGES:
        if _succeeds([*quietly, "install", "--yes", "--no-install-recommends", package]):
            break
    return _installed()


def _from_playwright() -> Path | None:
    """The build Playwright downloads for the version we pinned."""
    from playwright.sync_api import sync_playwright

    say("fetching Playwright's Chromium for the browser tests (once)")
    if not _succeeds([sys.executable, "-m", "playwright", "install", "chromium"]):
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return Path(path) if _starts(path) else None


def _starts(path: str) -> bool:
    """Whether the browser runs: an empty snap package and missing libraries show at once."""
    return _succeeds([path, "--version"], seconds=30)


def _succeeds(command: Sequence[str], seconds: float = 900) -> bool:
    """Run a program quietly; whether it ended well. What it complained about is shown."""
    try:
        outcome = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    if outcome.returncode != 0 and outcome.stderr.strip() and command[0] != "sudo":
        say("\n".join(outcome.stderr.strip().splitlines()[-3:]))
    return outcome.returncode == 0
