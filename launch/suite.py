"""`bin/test`: finds or fetches a browser, then becomes pytest."""

from __future__ import annotations

import os
import sys

from launch.bootstrap import ROOT
from launch.browser import bring_browser
from launch.refusal import Refusal


def main() -> int:
    """Run the tests in the repository's folder; the browser's path goes to them in TONGLU_TEST_BROWSER."""
    try:
        os.environ["TONGLU_TEST_BROWSER"] = str(bring_browser())
    except Refusal as refusal:
        print(f"bin/test: {refusal}", file=sys.stderr)
        return 1
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
