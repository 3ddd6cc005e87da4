"""The words of identity's codes."""

from __future__ import annotations

from portal.identity.client_rules import Method
from portal.kernel.errors import N_

METHODS = {Method.SECRET: N_("By a secret"), Method.PRIVATE_KEY: N_("By a key of its own")}
