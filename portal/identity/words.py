"""The words for the kinds of second factors."""

from __future__ import annotations

from portal.identity.factor_codes import FactorKind
from portal.kernel.errors import N_

FACTOR_KINDS = {
    FactorKind.TOTP: N_("App with codes"),
    FactorKind.PASSKEY: N_("Passkey"),
}
