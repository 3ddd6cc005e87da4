"""The CMS under a paper (RFC 5652, as PAdES wants it): composed once a key, filled in for each paper.

Of two signatures with one key only the digest of the file and the signature itself differ. pyHanko composes
everything around them, which takes it 13 ms; here both are put into the place that was kept for them.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from asn1crypto.x509 import Certificate
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

DIGEST = "sha256"
_PLACE = hashlib.sha256(b"where the digest of a paper stands").digest()
_SHORTER = 3  # a signature on an elliptic curve may be a byte or two shorter than most; rarely it is more

Key = EllipticCurvePrivateKey | RSAPrivateKey
Answer = TypeVar("Answer")


class SignatureForms:
    """Signs digests with a key, under the certificates of a chain that begins with the key's own.

    size: bytes that no signature exceeds.
    """

    def __init__(self, key: Key, chain: Sequence[Certificate]) -> None:
        self._key = key
        self._own = chain[0]
        self._store = SimpleCertificateStore()
        self._store.register_multiple(chain)
        attributes = self.signer().signed_attrs(_PLACE, DIGEST, use_pades=True)
        self._attributes = _in_loop(attributes).dump()  # as a SET, which is what is signed
        longest = _longest(key)
        shortest = longest if isinstance(key, RSAPrivateKey) else longest - _SHORTER
        self._forms = {length: self._form(length) for length in range(shortest, longest + 1)}
        self.size = len(self._forms[longest])

    def signer(self, length: int = 0) -> signers.ExternalSigner:
        """What pyHanko is told of the signer; the key stays here."""
        return signers.ExternalSigner(self._own, self._store, bytes(length))

    def sign(self, digest: bytes) -> bytes:
        """The CMS under what has this SHA-256."""
        signature = self._signature(self._attributes.replace(_PLACE, digest))
        form = self._forms.get(len(signature)) or self._form(len(signature))
        return form[: -len(signature)].replace(_PLACE, digest) + signature

    def _signature(self, attributes: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(attributes, PKCS1v15(), SHA256())
        return self._key.sign(attributes, ECDSA(SHA256()))

    def _form(self, length: int) -> bytes:
        """The whole with places for a digest and, as its last bytes, for a signature of a length."""
        form: bytes = _in_loop(self.signer(length).async_sign(_PLACE, DIGEST, use_pades=True)).dump()
        if form.count(_PLACE) != 1 or not form.endswith(bytes(length)):
            raise ValueError("signatures are composed in another way than is known here")
        return form


def _in_loop(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What comes of work that wants a loop, which no thread has twice."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


def _longest(key: Key) -> int:
    """Bytes of the longest signature: two numbers, each with a head of two bytes and one for its sign."""
    if isinstance(key, RSAPrivateKey):
        return key.key_size // 8
    content = 2 * (2 + 1 + (key.curve.key_size + 7) // 8)
    return content + (2 if content < 128 else 3)
