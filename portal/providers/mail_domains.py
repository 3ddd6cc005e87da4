"""Mail domains: how they are kept, which are anybody's, and which look like another. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import idna

from portal.kernel.errors import N_, Fault

DOMAINS_MAX = 20
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")

EVERYBODYS = frozenset(
    {
        "126.com", "139.com", "163.com", "189.cn", "21cn.com", "aliyun.com", "aol.com", "foxmail.com",
        "gmail.com", "googlemail.com", "gmx.com", "gmx.de", "gmx.net", "hotmail.com", "icloud.com",
        "live.cn", "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "outlook.com",
        "proton.me", "protonmail.com", "qq.com", "sina.cn", "sina.com", "sina.com.cn", "sohu.com",
        "tom.com", "vip.163.com", "vip.qq.com", "vip.sina.com", "wo.cn", "yahoo.com", "yahoo.com.cn",
        "yandex.com", "yandex.ru", "yeah.net",
    }
)  # fmt: skip
"""Where anybody has an address: no company's provider speaks for them."""

# Letters that a reader takes for a plain one, whatever alphabet they are of.
_LOOK_ALIKE = {
    ord(letter): plain
    for plain, letters in {
        "a": "аαɑ", "b": "вβ", "c": "сϲ", "d": "ԁđ", "e": "еεє", "g": "ɡ", "h": "һ", "i": "іɩι1lł", "j": "ј",
        "k": "кκ", "m": "м", "n": "п", "o": "оοø0", "p": "рρ", "q": "ԛ", "s": "ѕ5", "t": "тτ", "u": "υц",
        "v": "ν", "w": "ԝω", "x": "хχ", "y": "уγ", "z": "з3",
    }.items()
    for letter in letters
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Domains:
    """Written domains as they are kept, and what is wrong with them."""

    domains: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


def plain_domain(typed: str) -> str:
    """A domain as the DNS is asked for it, in small letters; what is none comes back as it was typed."""
    text = typed.strip().lower().removeprefix("@").removesuffix(".")
    try:
        return idna.encode(text, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return text


def domain_of(email: str) -> str:
    """The domain of a plain address, or nothing."""
    return email.rpartition("@")[2] if "@" in email else ""


def read_domains(written: Iterable[str]) -> Domains:
    """Domains as they are kept, each once."""
    found: dict[str, None] = {}
    faults = []
    for place, text in enumerate(one for one in written if one.strip()):
        domain = plain_domain(text)
        if len(domain) > 253 or not _DOMAIN.fullmatch(domain):
            message, fix = N_("%(domain)s is no domain."), N_("Enter what stands behind the @ of addresses.")
            faults.append(Fault(f"/domains/{place}", "domain", message, fix, {"domain": text[:60]}))
        elif domain in EVERYBODYS:
            message = N_("Anybody can have an address at %(domain)s.")
            fix = N_("Enter a domain that is your company's own.")
            faults.append(Fault(f"/domains/{place}", "everybodys", message, fix, {"domain": domain}))
        found[domain] = None
    if not found:
        faults.append(Fault("/domains", "required", N_("Enter at least one domain.")))
    if len(found) > DOMAINS_MAX:
        message = N_("At most %(max)s domains.")
        faults.append(Fault("/domains", "too_many", message, params={"max": DOMAINS_MAX}))
    return Domains(tuple(found), tuple(faults))


def as_read(domain: str) -> str:
    """A kept domain as a reader sees it in a letter: in its own alphabet."""
    try:
        return idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return domain


def is_foreign(domain: str) -> bool:
    """Whether a kept domain has letters beyond a to z, which a reader may take for them."""
    return any(label.startswith("xn--") for label in domain.split("."))


def look(domain: str) -> str:
    """What a reader takes a kept domain for: two with the same look are easily mistaken."""
    text = unicodedata.normalize("NFKD", as_read(domain))
    bare = "".join(one for one in text if not unicodedata.combining(one))
    return bare.translate(_LOOK_ALIKE).replace("rn", "m").replace("vv", "w")


def imitated(domain: str, known: Collection[str]) -> str | None:
    """Which known domain another one looks like without being it; None for none."""
    shape = look(domain)
    return next((one for one in sorted(known) if one != domain and look(one) == shape), None)
