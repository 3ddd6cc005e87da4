"""The tree is that of certificate transparency: the roots are its published ones."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit import merkle

LEAVES = [
    bytes.fromhex(one)
    for one in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
# google/certificate-transparency, merkletree tests: the roots over the first 1, 2 … 8 of them.
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_the_published_ones(count):
    assert merkle.root([merkle.leaf(one) for one in LEAVES[:count]]).hex() == ROOTS[count - 1]


def test_nothing_has_the_root_of_nothing():
    assert merkle.root([]) == hashlib.sha256(b"").digest()


def split_in_two(leaves):
    """The definition of RFC 6962, word by word."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + split_in_two(leaves[:half]) + split_in_two(leaves[half:])).digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_it_is_the_definition(contents):
    leaves = [merkle.leaf(one) for one in contents]
    assert merkle.root(leaves) == split_in_two(leaves)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_a_leaf_and_its_path_have_the_root_at_their_place_alone(contents, data):
    leaves = [merkle.leaf(one) for one in contents]
    place = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.path(leaves, place)
    assert merkle.root_by(leaves[place], place, len(leaves), path) == merkle.root(leaves)
    assert merkle.root_by(leaves[place], place, len(leaves), [*path, path[-1] if path else b""]) is None
    if path:
        assert merkle.root_by(leaves[place], place, len(leaves), path[:-1]) is None
    assert merkle.root_by(leaves[place], len(leaves), len(leaves), path) is None
    assert merkle.root_by(leaves[place], -1, len(leaves), path) is None


def test_paths_are_those_of_the_definition():
    """RFC 6962, 2.1.3: of seven leaves, d0 has [b, h, l] and d6 has [i, k]."""
    leaves = [merkle.leaf(bytes([one])) for one in range(7)]
    beside, pair, rest = leaves[1], merkle.root(leaves[2:4]), merkle.root(leaves[4:])
    assert merkle.path(leaves, 0) == [beside, pair, rest]
    assert merkle.path(leaves, 6) == [merkle.root(leaves[4:6]), merkle.root(leaves[:4])]
