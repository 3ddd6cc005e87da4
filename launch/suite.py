"""`bin/test`: finds or fetches a browser, then becomes pytest."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence

from launch import affected
from launch.bootstrap import ROOT
from launch.browser import bring_browser
from launch.refusal import Refusal

# Arguments with which the run is still that of the whole suite, with nobody watching single tests.
_ASKS_FOR_ALL = re.compile(
    r"-[qvx]+|--durations=\d+|--hypothesis-profile=\w+|--shard=\d+/\d+|--keep-durations"
)
_PROCESSES_MORE = 2  # than cores: a test waits for servers and browsers two fifths of its time
_PROCESSES_MAX = 4  # each with servers and a browser of its own: about 1 GB


def main() -> int:
    """Run the tests in the repository's folder; the browser's path goes to them in TONGLU_TEST_BROWSER."""
    os.chdir(ROOT)
    try:
        chosen, arguments = _what_changed(sys.argv[1:])
        os.environ["TONGLU_TEST_BROWSER"] = str(bring_browser())
    except Refusal as refusal:
        print(f"bin/test: {refusal}", file=sys.stderr)
        return 1
    processes = side_by_side(arguments, os.environ, os.cpu_count() or 1)
    return os.execv(sys.executable, [sys.executable, "-m", "pytest", *processes, *arguments, *chosen])


def _what_changed(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The folders that ``--changed`` or ``--changed=base`` asks for, and the other arguments."""
    asked = [one for one in arguments if one == "--changed" or one.startswith("--changed=")]
    if not asked:
        return [], list(arguments)
    base = asked[-1].partition("=")[2] or "main"
    chosen = affected.parts(affected.changed_files(ROOT, base), ROOT)
    print(f"bin/test: changed since {base} left: {' '.join(chosen)}", file=sys.stderr)
    return chosen, [one for one in arguments if one not in asked]


def side_by_side(arguments: Sequence[str], environment: Mapping[str, str], cores: int) -> list[str]:
    """Options that run the whole suite in several processes; none where a part was asked for.

    A module's tests stay together and in their order, as they share a portal. A Valkey that we are told of
    (``REDIS_URL``) is one database for all, so there is one process.
    """
    is_shared = bool(environment.get("REDIS_URL"))
    processes = 1 if is_shared else min(cores + _PROCESSES_MORE, _PROCESSES_MAX)
    if processes == 1 or not all(map(_ASKS_FOR_ALL.fullmatch, arguments)):
        return []
    return [f"--numprocesses={processes}", "--dist=loadscope", "--no-loadscope-reorder"]


if __name__ == "__main__":
    sys.exit(main())
