"""A second opinion on everything that carries money, units or clocks, over a filled installation.

Each module of a subject reckons anew what the portal has kept, in plain SQL and plain Python, from what the
documents say: no function of the portal is asked. ``python -m tests.recount --help``; docs/recount.md.
"""
