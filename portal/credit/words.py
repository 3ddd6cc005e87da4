"""The kinds of changes in words."""

from __future__ import annotations

from portal.credit.rules import ChangeKind
from portal.kernel.errors import N_

KINDS = {ChangeKind.LIMIT: N_("Credit limit"), ChangeKind.TERMS: N_("Terms")}
