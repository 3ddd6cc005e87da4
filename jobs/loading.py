"""Jobs by their names, as manifests and queues know them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, cast


@cache
def function(name: str) -> Callable[..., Any]:
    """The function ``module.function``. Raises ImportError, AttributeError."""
    module, _, attribute = name.rpartition(".")
    return cast(Callable[..., Any], getattr(import_module(module), attribute))
