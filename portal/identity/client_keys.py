"""Public keys of API clients (RFC 7523): read as somebody entered them, kept as a set, used to verify."""

from __future__ import annotations

import json
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, RSAKey

from portal.kernel.errors import N_, Fault

ALGORITHMS = ["ES256", "ES384", "RS256", "PS256"]
KEYS_MAX = 5
TEXT_MAX = 16_384
_MODULUS = range(256, 513)  # bytes: 2048 to 4096 bits; more keeps the processor busy
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = frozenset({"P-256", "P-384"})

AsymmetricKey = ECKey | RSAKey


def read_keys(pointer: str, text: str) -> tuple[dict[str, Any] | None, list[Fault]]:
    """One public key as JWK, or a set of them, as somebody entered it; and what is wrong with it.

    What is wrong never repeats what was entered: it may be a private key.
    """
    try:
        if len(text) > TEXT_MAX:
            raise ValueError("too long")
        entered = json.loads(text)
        listed = entered.get("keys", [entered])
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise ValueError("no keys")
    except (ValueError, AttributeError, RecursionError):
        message, fix = (
            N_("This is no public key."),
            N_("Enter the key as JWK: a JSON object with kty, or keys."),
        )
        return None, [Fault(pointer, "jwk", message, fix)]
    if any(_PRIVATE & one.keys() for one in listed):
        message = N_("This contains a private key, which nobody but your system may have.")
        fix = N_("Make another pair of keys and enter the public one alone.")
        return None, [Fault(pointer, "private_key", message, fix)]
    if not 1 <= len(listed) <= KEYS_MAX:
        message = N_("Enter between one and %(max)s keys.")
        return None, [Fault(pointer, "keys", message, params={"max": KEYS_MAX})]
    keys = [usable(one) for one in listed]
    if None in keys or len({key.kid for key in keys if key}) != len(keys):
        message = N_("Only keys for signatures are taken: EC P-256 or P-384, or RSA of 2048 to 4096 bits.")
        return None, [Fault(pointer, "jwk", message, N_("Each needs a kid of its own, or none."))]
    return {"keys": [key.as_dict(private=False) for key in keys if key]}, []


def usable(entered: dict[str, Any]) -> AsymmetricKey | None:
    """A public key that a signature may be verified with; None for any other."""
    if entered.get("use", "sig") != "sig" or not _is_of_good_size(entered):
        return None
    try:
        key = JWKRegistry.import_key({name: value for name, value in entered.items() if name not in _PRIVATE})
        key.ensure_kid()
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return (
        key if isinstance(key, ECKey | RSAKey) and isinstance(key.kid, str) and len(key.kid) <= 256 else None
    )


def _is_of_good_size(entered: dict[str, Any]) -> bool:
    """Before it is read: an odd size would cost time, or be warned of."""
    modulus = entered.get("n")
    if entered.get("kty") == "RSA" and isinstance(modulus, str):
        return len(modulus.rstrip("=")) * 3 // 4 in _MODULUS
    return entered.get("kty") == "EC" and entered.get("crv") in _CURVES


def kept_keys(kept: dict[str, Any]) -> list[AsymmetricKey]:
    """The usable ones of a set, at most as many as anybody needs."""
    listed = kept.get("keys")
    if not isinstance(listed, list):
        return []
    found = [usable(one) for one in listed[: 4 * KEYS_MAX] if isinstance(one, dict)]
    return [key for key in found if key is not None]
