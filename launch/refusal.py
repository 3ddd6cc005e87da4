"""The one way in which a command declines: a sentence for the person at the terminal."""

from __future__ import annotations


class Refusal(Exception):
    """A reason not to start and what to do about it. Printed without a traceback; exit status 1."""
