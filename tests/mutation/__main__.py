"""Rules by mutmut, verbs and their SQL by `tests.mutation.statements`; docs/mutations.md has what came out.

A capability stands for its rules, a file for itself. A rule is tried with the tests of its capability that
need no server, anything else with all of them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutation import rules, statements
from tests.mutation.result import Outcome, table

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Try what was asked for, print what survived and a table of all; 1 when something new survived."""
    arguments = _arguments()
    os.chdir(ROOT)
    outcomes: list[Outcome] = []
    for capability, files in _by_capability(_files(arguments.what)).items():
        pure = [file for file in files if rules.is_rule(file)]
        if pure:
            outcomes += rules.tried(capability, pure)
        if others := [file for file in files if file not in pure]:
            outcomes += statements.tried(capability, others)
    for outcome in outcomes:
        for survivor in outcome.survivors:
            print(f"\n{outcome.file}: no test notices\n{survivor}")
    print("\n" + table(outcomes))
    return 1 if any(outcome.survivors for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("bin/mutate", description=__doc__)
    parser.add_argument("what", nargs="*", help="capabilities or files; without, the rules of all")
    return parser.parse_args()


def _files(what: Sequence[str]) -> list[Path]:
    if not what:
        return rules.files()
    chosen: list[Path] = []
    for one in what:
        if (path := Path(one)).suffix == ".py":
            if not path.is_file():
                sys.exit(f"bin/mutate: there is no file {one}")
            chosen.append(path)
        elif found := [file for file in rules.files() if file.parts[1] == one]:
            chosen += found
        else:
            sys.exit(f"bin/mutate: {one} is no capability with rules, and no file")
    return chosen


def _by_capability(files: Sequence[Path]) -> dict[str, list[Path]]:
    grouped: dict[str, list[Path]] = {}
    for file in files:
        grouped.setdefault(file.parts[1], []).append(file)
    return grouped


if __name__ == "__main__":
    sys.exit(main())
