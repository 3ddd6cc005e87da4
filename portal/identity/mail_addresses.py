"""Mail addresses of people: how they are kept, and which are none. Pure.

Two that look alike to a reader are two accounts to the portal. So what is no plain letter has no place before
the @, and a domain is kept as it is asked for in the DNS, where a Cyrillic а shows as ``xn--…``.
"""

from __future__ import annotations

import re

import idna

from portal.kernel.errors import N_, Fault

EMAIL_MAX = 254
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def plain_mail(typed: str) -> str:
    """An address as an account is given it: trimmed, in lower case, the domain in its ASCII form.

    What is no address comes back as it was typed; `mail_faults` says so.
    """
    local, at, domain = typed.strip().lower().rpartition("@")
    if not at or len(domain) > EMAIL_MAX:
        return typed.strip().lower()
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return f"{local}@{domain}"


def mail_faults(pointer: str, email: str) -> list[Fault]:
    """What is wrong with a plain address."""
    local, _at, domain = email.rpartition("@")
    if len(email) <= EMAIL_MAX and len(local) <= 64 and _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain):
        return []
    return [Fault(pointer, "email", N_("This is not an email address."))]
