"""Which parts of the suite a change can turn red: `bin/test --changed [base]`.

The modules that import a changed one, directly or through others, and the parts that test them. Standard
library only; the source is read, not run.
"""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from pathlib import Path, PurePath

from launch.refusal import Refusal

_PACKAGES = ("portal", "backoffice", "jobs", "demo", "launch")
# They join everything, so that everything would follow from any change.
_JOINTS = {"portal.capabilities", "portal.app"}
_ALWAYS = "tests/architecture"
EVERYTHING = "tests"

# What no import leads to: pages by their templates, a browser by what it loads. Anything else that no rule
# names, such as a migration or the lock file, concerns everything.
_BY_FOLDER = {
    "docs": (),
    "portal/static": ("tests/browser", "tests/web"),
    "portal/templates": ("tests/web", "tests/routes", "tests/browser"),
    "backoffice/templates": ("tests/web", "tests/routes", "tests/browser"),
    "portal/translations": ("tests/web",),
    "bench": (),
}


def changed_files(root: Path, base: str) -> list[str]:
    """Files that differ from where this branch left `base`, and those that git does not know yet.

    Raises Refusal when git cannot tell.
    """
    left_at = _git(root, "merge-base", base, "HEAD").strip()
    differing = _git(root, "diff", "--name-only", left_at)
    unknown = _git(root, "ls-files", "--others", "--exclude-standard")
    return sorted({*differing.split("\n"), *unknown.split("\n")} - {""})


def parts(files: Iterable[str], root: Path) -> list[str]:
    """Folders of tests to run for changed files; `EVERYTHING` alone where nothing less will do."""
    chosen = {_ALWAYS}
    modules: set[str] = set()
    for file in files:
        path = PurePath(file)
        named = next((folders for start, folders in _BY_FOLDER.items() if path.is_relative_to(start)), None)
        if named is not None:
            chosen.update(named)
        elif path.suffix == ".md":
            continue
        elif path.parts[0] == "tests" and len(path.parts) > 2:
            chosen.add("/".join(path.parts[:2]))
        elif path.suffix == ".py" and path.parts[0] in _PACKAGES:
            modules.add(_module(path))
        elif path.parts[0] == "tests" and path.name.startswith("test_"):
            chosen.add(file)
        else:
            return [EVERYTHING]
    reached = importing(modules, imports(root))
    chosen.update(folder for module in reached for folder in _tests_of(module))
    return sorted(one for one in chosen if (root / one).exists())


def importing(modules: Collection[str], imported: Mapping[str, Collection[str]]) -> set[str]:
    """`modules` and all that import them, directly or through others."""
    reached, waiting = set(modules), list(modules)
    while waiting:
        one = waiting.pop()
        for module, others in imported.items():
            if one in others and module not in reached and module not in _JOINTS:
                reached.add(module)
                waiting.append(module)
    return reached


@cache
def imports(root: Path) -> dict[str, set[str]]:
    """Each module of ours with what it imports."""
    return {
        _module(file.relative_to(root)): imported_by(file)
        for package in _PACKAGES
        for file in (root / package).rglob("*.py")
    }


def imported_by(file: Path) -> set[str]:
    """Modules that a file imports, and the names it takes out of them, with dots."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def _tests_of(module: str) -> tuple[str, ...]:
    """The folders of tests that mirror a module's place."""
    package, _, rest = module.partition(".")
    place = rest.partition(".")[0]
    if ".api" in module and (package == "backoffice" or place in ("blueprints", "web")):
        return ("tests/api", "tests/routes")
    if package == "backoffice" or place in ("blueprints", "web", "app"):
        return ("tests/web", "tests/routes")
    if package == "portal":
        return (f"tests/{place}",)
    return (f"tests/{package}",)


def _module(path: PurePath) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _git(root: Path, *arguments: str) -> str:
    try:
        outcome = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "") or str(error)
        raise Refusal(f"git cannot tell what changed: {reason.strip()}") from error
    return outcome.stdout
