"""The keys of Stripe, as the settings have them: without all of them there is no payment by it."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from portal.payments.stripe_rules import counts_by_hundredths


class Keys(Protocol):
    """The settings that open Stripe; `config.Settings` has them."""

    @property
    def stripe_secret_key(self) -> SecretStr: ...

    @property
    def stripe_webhook_secret(self) -> SecretStr: ...

    @property
    def stripe_publishable_key(self) -> str: ...

    @property
    def stripe_api_base(self) -> str: ...

    @property
    def currency(self) -> str: ...


def takes_payments(keys: Keys) -> bool:
    """Whether all keys are there; without one of them there is no payment by Stripe at all, nor in a currency
    that it counts otherwise than by hundredths.
    """
    return all(
        (
            keys.stripe_secret_key.get_secret_value(),
            keys.stripe_webhook_secret.get_secret_value(),
            keys.stripe_publishable_key,
            counts_by_hundredths(keys.currency),
        )
    )
