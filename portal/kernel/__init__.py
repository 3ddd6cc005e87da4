"""What every capability stands on.

A process of the portal loads half a million objects that stay until its end. Python would look for garbage
among them whenever 700 more are there, which is a third of the time in which a process starts.
"""

from __future__ import annotations

import gc

gc.set_threshold(50_000, 20, 20)  # Python's own are 700, 10 and 10, for small programs
