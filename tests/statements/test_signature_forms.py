"""What a form is filled in with is what pyHanko composes: the same bytes up to the signature, which holds."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import pytest
from asn1crypto import cms
from asn1crypto.keys import PrivateKeyInfo
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.kernel import clock
from portal.statements.papers import make_paper
from portal.statements.signature_forms import DIGEST, SignatureForms
from portal.statements.signing import SigningUnavailable, load_signer
from tests.statements.certificates import poppler_says, signer, validated
from tests.statements.samples import statement

Answer = TypeVar("Answer")

NOW = clock.now()
KEYS = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}
PKCS8 = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()


@cache
def issued(kind: str):
    """A key, and the chain of a certificate for it that an authority issued."""
    key, authority = KEYS[kind](), KEYS["P-256"]()
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("公司 Company", "Root")]
    chain = []
    for subject, public in zip(names, (key.public_key(), authority.public_key()), strict=True):
        builder = x509.CertificateBuilder(names[1], subject, public, x509.random_serial_number())
        builder = builder.not_valid_before(datetime.now(UTC) - timedelta(days=1))
        builder = builder.not_valid_after(datetime.now(UTC) + timedelta(days=9))
        is_root = subject == names[1]
        builder = builder.add_extension(x509.BasicConstraints(is_root, None), critical=True)
        usage = [not is_root, not is_root, *[False] * 3, is_root, False, False, False]
        builder = builder.add_extension(x509.KeyUsage(*usage), critical=True)
        chain.append(builder.sign(authority, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return key, chain


def asn1(pem: bytes) -> Certificate:
    found = x509.load_pem_x509_certificate(pem)
    return Certificate.load(found.public_bytes(serialization.Encoding.DER))


def files(folder, kind: str) -> tuple[str, str]:
    """The key and its chain as an operator names them."""
    key, chain = issued(kind)
    paths = folder / "key.pem", folder / "chain.pem"
    paths[0].write_bytes(key.private_bytes(serialization.Encoding.PEM, *PKCS8))
    paths[0].chmod(0o600)
    paths[1].write_bytes(b"".join(chain))
    return str(paths[0]), str(paths[1])


def apart(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What comes of it in a thread of its own: the one of this test may have the loop of a browser."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def composed(kind: str, digest: bytes) -> cms.ContentInfo:
    """The CMS as pyHanko composes it without a form."""
    key, chain = issued(kind)
    store = SimpleCertificateStore()
    store.register_multiple(map(asn1, chain))
    private = PrivateKeyInfo.load(key.private_bytes(serialization.Encoding.DER, *PKCS8))
    own = signers.SimpleSigner(asn1(chain[0]), private, store)
    return apart(own.async_sign(digest, DIGEST, use_pades=True))


def said(made: cms.ContentInfo) -> cms.SignerInfo:
    [found] = made["content"]["signer_infos"]
    return found


def check(key, signature: bytes, attributes: bytes) -> None:
    """Raises InvalidSignature."""
    if isinstance(key, rsa.RSAPrivateKey):
        key.public_key().verify(signature, attributes, padding.PKCS1v15(), hashes.SHA256())
    else:
        key.public_key().verify(signature, attributes, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("kind", ["P-256", "P-521", "RSA"])
def test_a_filled_form_is_what_would_be_composed(kind):
    key, chain = issued(kind)
    forms = SignatureForms(key, [asn1(pem) for pem in chain])
    lengths = set()
    for number in range(20):
        digest = hashlib.sha256(str(number).encode()).digest()
        filled = forms.sign(digest)
        signature = said(cms.ContentInfo.load(filled, strict=True))["signature"].native
        lengths.add(len(signature))
        assert len(filled) <= forms.size and filled.endswith(signature)
        expected = composed(kind, digest)
        if len(said(expected)["signature"].native) == len(signature):
            assert filled[: -len(signature)] == expected.dump()[: -len(signature)]
        check(key, signature, said(expected)["signed_attrs"].untag().dump())
    assert (len(lengths) == 1) == (kind == "RSA"), "those on a curve differ in length"


def test_a_signature_of_a_rare_length_has_its_form(monkeypatch):
    forms = SignatureForms(issued("P-256")[0], [asn1(pem) for pem in issued("P-256")[1]])
    monkeypatch.setattr(forms, "_signature", lambda attributes: b"s" * 64)
    filled = cms.ContentInfo.load(forms.sign(bytes(32)), strict=True)
    assert said(filled)["signature"].native == b"s" * 64


@pytest.mark.parametrize("kind", ["RSA", "P-521"])
def test_papers_by_a_key_of_an_authority_are_valid(tmp_path, kind):
    own = load_signer(*files(tmp_path, kind), "", at=NOW)
    made = make_paper(statement(3), own, at=NOW)
    status = validated(made.content, root=asn1(issued(kind)[1][1]))
    assert status.bottom_line and status.trusted and status.coverage.name == "ENTIRE_FILE"
    assert made.signed_by == "公司 Company"
    shown = poppler_says(made.content)
    assert shown is None or ("Signature is Valid" in shown and "Total document signed" in shown)


def test_a_key_that_cannot_sign_papers_is_refused_before_there_is_one(tmp_path):
    with pytest.raises(SigningUnavailable, match="RSA"):
        load_signer(*files(tmp_path, "Ed25519"), "", at=NOW)


def test_whoever_has_a_loop_signs_too():
    async def signs() -> str:
        return make_paper(statement(1), signer(), at=NOW).signed_by

    assert apart(signs()) == signer().name
