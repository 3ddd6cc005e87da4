"""Which role may do what, as the manifests say: `docs/rights.md`.

``python -m assets.make_rights`` writes the file, and a test compares it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from portal.capabilities import CAPABILITIES  # noqa: F401 - installs the registry
from portal.web.browser_session import ROLE_LABELS
from portal.web.rights_matrix import RightRow, matrix, roles_of

ROOT = Path(__file__).resolve().parent.parent
RIGHTS = ROOT / "docs" / "rights.md"

_ASKED = "require_other_person"

_HEAD = """\
# Roles and rights

Made from the manifests by `.venv/bin/python -m assets.make_rights`; a test compares. A person has the rights
of all their roles, a program those of its scopes, which are the same words. Rights that begin with `hq:` are
headquarters'. What a right reaches is limited further by row-level security: a dealer's people see their
dealer, headquarters' those of their regions. The page *Operation → Roles and rights* shows the same, with the
roles that headquarters [composed itself](people.md#roles-of-a-sides-own).
"""
_APART = """
## Who asks does not approve

These acts are refused to whoever asked for them, in the verb, whatever roles the person has
(`require_other_person` in `portal/kernel/actor.py`):
"""


def rights() -> str:
    """The whole document."""
    parts = [_HEAD, *_side("Headquarters", of_dealer=False), *_side("Dealers", of_dealer=True), _APART]
    parts += [f"- {said}" for said in sorted(_decided_by_another())]
    return "\n".join(parts) + "\n"


def _side(title: str, *, of_dealer: bool) -> Iterator[str]:
    roles = roles_of(of_dealer=of_dealer)
    yield f"## {title}\n"
    yield "| right | opens | " + " | ".join(ROLE_LABELS[role].lower() for role in roles) + " |"
    yield "|---|---|" + "---|" * len(roles)
    for row in matrix(of_dealer=of_dealer):
        yield (
            f"| `{row.right}` | {_opened(row)} | "
            + " | ".join("●" if role in row.roles else "" for role in roles)
            + " |"
        )
    yield ""


def _opened(row: RightRow) -> str:
    return "; ".join(row.entries or row.calls[:2]) or "what stands within other pages"


def _decided_by_another() -> Iterator[str]:
    """The verbs that ask for another person, by what they say they do."""
    modules = {path: _verbs(path) for path in sorted((ROOT / "portal").rglob("*.py"))}
    inner = [verb for path, verbs in modules.items() if "kernel" in path.parts for verb in verbs]
    asking = _all_that_ask(inner, {_ASKED})
    for path, verbs in modules.items():
        here = _all_that_ask(verbs, asking)
        for verb in verbs:
            if "kernel" not in path.parts and not verb.name.startswith("_") and _asks(verb, here):
                about = (ast.get_docstring(verb) or verb.name).splitlines()[0].split(". ")[0].rstrip(".")
                yield f"{about} (`{path.relative_to(ROOT)}`)"


def _verbs(path: Path) -> list[ast.FunctionDef]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    return [verb for verb in module.body if isinstance(verb, ast.FunctionDef)]


def _all_that_ask(verbs: Collection[ast.FunctionDef], names: set[str]) -> set[str]:
    """These names, and those of the verbs that call one of them, in however many steps."""
    asking = set(names)
    while more := {verb.name for verb in verbs if _asks(verb, asking)} - asking:
        asking |= more
    return asking


def _asks(verb: ast.FunctionDef, names: Collection[str]) -> bool:
    """Whether it calls one of them, by its own name or that of its module."""
    called = (node.func for node in ast.walk(verb) if isinstance(node, ast.Call))
    return any(getattr(func, "attr", getattr(func, "id", "")) in names for func in called)


if __name__ == "__main__":
    RIGHTS.write_text(rights(), encoding="utf-8")
