"""ID tokens and logout tokens of other issuers: what is believed, and why something is not. Pure."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError

from portal.identity.client_keys import ALGORITHMS, AsymmetricKey
from portal.providers.refusals import NotLetIn, Why

LEEWAY = 60
"""Seconds by which clocks may differ."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_LIFE = 600
_LENGTH_MAX = 32_768
_TEXT_MAX = 255

KeysOf = Callable[[object], Sequence[AsymmetricKey]]
"""The published keys of an identifier, all for None."""


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """Whom a provider signs out: a session, or all of a person's."""

    subject: str
    session: str
    number: str
    issued_at: int
    ends_at: int


def read_id_token(
    text: object, *, keys: KeysOf, issuer: str, client_id: str, nonce: str, now: float
) -> dict[str, Any]:
    """The claims of an ID token for us. Raises NotLetIn that says what is wrong with it."""
    _typ, claims = _verified(text, keys)
    _require_for_us(claims, issuer, client_id)
    if _number(claims, "exp") <= now - LEEWAY or not 0 < _number(claims, "iat") <= now + LEEWAY:
        raise NotLetIn(Why.EXPIRED)
    if "nbf" in claims and _number(claims, "nbf") > now + LEEWAY:
        raise NotLetIn(Why.EXPIRED)
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), nonce.encode()):
        raise NotLetIn(Why.NONCE)
    if not _is_name(claims.get("sub")) or "events" in claims:
        raise NotLetIn(Why.SUBJECT)
    return claims


def read_logout_token(text: object, *, keys: KeysOf, issuer: str, client_id: str, now: float) -> LogoutToken:
    """Whom a logout token signs out (OpenID Connect Back-Channel Logout, 2.6). Raises NotLetIn."""
    typ, claims = _verified(text, keys)
    if typ not in (None, "JWT", "logout+jwt"):
        raise NotLetIn(Why.NO_TOKEN, f"typ is {typ!r}")
    _require_for_us(claims, issuer, client_id)
    issued_at = _number(claims, "iat")
    ends_at = _number(claims, "exp") if "exp" in claims else issued_at + LOGOUT_LIFE
    if not now - LOGOUT_LIFE - LEEWAY < issued_at <= now + LEEWAY or ends_at <= now - LEEWAY:
        raise NotLetIn(Why.EXPIRED)
    events = claims.get("events")
    if not isinstance(events, Mapping) or not isinstance(events.get(LOGOUT_EVENT), Mapping):
        raise NotLetIn(Why.NO_TOKEN, "no event of a logout")
    if "nonce" in claims:
        raise NotLetIn(Why.NONCE, "a logout token has no nonce")
    subject, session = claims.get("sub", ""), claims.get("sid", "")
    if not (subject or session) or not all(one == "" or _is_name(one) for one in (subject, session)):
        raise NotLetIn(Why.SUBJECT)
    if not _is_name(claims.get("jti")):
        raise NotLetIn(Why.NO_TOKEN, "no jti")
    kept_until = max(ends_at, issued_at + LOGOUT_LIFE) + LEEWAY
    return LogoutToken(subject, session, claims["jti"], int(issued_at), int(kept_until))


def _verified(text: object, keys: KeysOf) -> tuple[object, dict[str, Any]]:
    """Type and claims of a token that one of the published keys has signed."""
    if not isinstance(text, str) or not text or len(text) > _LENGTH_MAX:
        raise NotLetIn(Why.NO_TOKEN)
    try:
        header = jws.extract_compact(text.encode()).headers()
    except (JoseError, ValueError, TypeError):
        raise NotLetIn(Why.NO_TOKEN, "no JWT") from None
    if header.get("alg") not in ALGORITHMS or "crit" in header:
        raise NotLetIn(Why.ALGORITHM, f"alg is {str(header.get('alg'))[:20]!r}")
    found = keys(header.get("kid"))
    if not found:
        raise NotLetIn(Why.KEY, f"kid is {str(header.get('kid'))[:60]!r}")
    for key in found:
        try:
            return header.get("typ"), dict(jwt.decode(text, key, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError, TypeError):
            continue
    raise NotLetIn(Why.SIGNATURE)


def _require_for_us(claims: Mapping[str, Any], issuer: str, client_id: str) -> None:
    if claims.get("iss") != issuer:
        raise NotLetIn(Why.ISSUER, f"iss is {str(claims.get('iss'))[:100]!r}")
    audience = claims.get("aud")
    listed = audience if isinstance(audience, list) else [audience]
    if client_id not in listed:
        raise NotLetIn(Why.AUDIENCE, f"aud is {str(audience)[:100]!r}")
    if (len(listed) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise NotLetIn(Why.AUDIENCE, f"azp is {str(claims.get('azp'))[:100]!r}")


def _number(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotLetIn(Why.EXPIRED, f"{name} is {str(value)[:40]!r}")
    return value


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _TEXT_MAX and "\x00" not in value
