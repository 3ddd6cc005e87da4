"""``bin/portal check``: does the stock add up? Prints every difference; 1 when there is one."""

from __future__ import annotations

import sys

from sqlalchemy import text

from jobs import resources
from portal.db import transaction
from portal.identity.rules import SYSTEM
from portal.stock.check_levels import check_levels


def main() -> int:
    """Read one snapshot of the whole stock; locks nothing."""
    with transaction(resources.database().system_session()) as session:
        session.execute(text("SET LOCAL statement_timeout = 0"))  # ten million movements take minutes
        differences = check_levels(session, actor=SYSTEM)
    for difference in differences:
        print(f"{difference.check}: {difference.warehouse} {difference.subject} has {difference.kept}, should be {difference.counted}")
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
