"""Words for a person out of what pip and venv print when they fail. Standard library only."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Sequence

_SUPPORTED = "Linux (glibc) and macOS on x86-64 and arm64, Python 3.11 to 3.14"

# The first that matches wins: without a network pip also says that there is no matching distribution.
_CAUSES = (
    (
        r"No space left on device|Disk quota exceeded|Errno 28|Errno 122",
        "The disk is full: free 1.5 GB and start again.",
    ),
    (
        r"NewConnectionError|NameResolutionError|name resolution|Max retries exceeded"
        r"|ConnectTimeout|ReadTimeout|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED"
        r"|Network is unreachable|Connection broken|Connection refused",
        "The package index cannot be reached. "
        "Check the network, the proxy and pip's configuration, and start again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "A downloaded package is not the one that was pinned. "
        "The index or a cache serves altered files; nothing was kept.",
    ),
    (
        r"No matching distribution found|Could not find a version|is not a supported wheel"
        r"|In --require-hashes mode",
        f"There are packages with no build for this machine. There are builds for {_SUPPORTED}; "
        f"this is {platform.platform()} with Python {platform.python_version()}. "
        "Another Python can be named by PYTHON=/path/to/python3.12",
    ),
)


def explain_pip(lines: Sequence[str]) -> str:
    """The cause, what to do, and pip's own last words."""
    output = "\n".join(lines)
    complaints = [line for line in lines if re.match(r"\s*(ERROR|error)", line)] or list(lines[-5:])
    cause = next(
        (words for pattern, words in _CAUSES if re.search(pattern, output)),
        "pip could not install the packages.",
    )
    return cause + "\n" + "\n".join(complaints[:5])


def explain_venv(python: str, output: str) -> str:
    """Why no environment could be made."""
    if re.search(_CAUSES[0][0], output):
        return _CAUSES[0][1]
    if "ensurepip" in output:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        return f"{python} has no ensurepip. On Debian and Ubuntu: apt-get install python{version}-venv"
    return f"{python} cannot make a virtual environment:\n{output}"
