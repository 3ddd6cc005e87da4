"""``python -m tests.recount --database URL``: reckon an installation a second time, and tell what differs."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter

from tests.recount.subjects import SUBJECTS, counted

SHOWN = 20  # differences of a kind that are printed


def main(arguments: list[str] | None = None) -> int:
    """Reckon what is asked for; 1 where something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.recount", description=__doc__)
    parser.add_argument("--database", required=True, help="URL of a role that sees every row, as the owner's")
    zone = os.environ.get("TONGLU_BUSINESS_TIMEZONE", "Asia/Shanghai")
    parser.add_argument("--zone", default=zone, help=f"business time zone ({zone})")
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=", ".join(SUBJECTS))
    asked = parser.parse_args(arguments)
    if unknown := set(asked.subjects) - set(SUBJECTS):
        parser.error(f"no subject {', '.join(sorted(unknown))}")
    differs = False
    for subject, tally in counted(asked.database, asked.zone, asked.subjects or list(SUBJECTS)):
        wrong = Counter(one.kind for one in tally.differences)
        differs |= bool(wrong)
        for kind, number in tally.compared.items():
            print(f"{number:>10,} {wrong[kind]:>8,}  {subject}: {kind}")
        shown: Counter[str] = Counter()
        for one in tally.differences:
            shown[one.kind] += 1
            if shown[one.kind] <= SHOWN:
                print(f"  {one.kind}, {one.what}: {one.found} is kept, {one.expected} is reckoned")
        sys.stdout.flush()
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())
