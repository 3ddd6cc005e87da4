"""The words of identity's codes: how clients prove themselves, and what second factors people have."""

from __future__ import annotations

from portal.identity.client_rules import Method
from portal.identity.factor_codes import FactorKind
from portal.kernel.errors import N_

FACTOR_KINDS = {
    FactorKind.TOTP: N_("App with codes"),
    FactorKind.PASSKEY: N_("Passkey"),
}
METHODS = {Method.SECRET: N_("By a secret"), Method.PRIVATE_KEY: N_("By a key of its own")}
