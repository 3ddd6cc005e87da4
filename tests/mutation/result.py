"""What became of the mutants of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """Mutants of a file. survivors: what was changed, as a diff, of those that no test noticed."""

    file: Path
    mutants: int
    survivors: tuple[str, ...]

    @property
    def share(self) -> float:
        """Survivors of all, in percent."""
        return 100 * len(self.survivors) / self.mutants if self.mutants else 0.0


def table(outcomes: Sequence[Outcome]) -> str:
    """One line a file, as docs/mutations.md has it."""
    lines = ["| file | mutants | killed | survived | % |", "|---|--:|--:|--:|--:|"]
    for one in outcomes:
        left = len(one.survivors)
        lines.append(f"| `{one.file}` | {one.mutants} | {one.mutants - left} | {left} | {one.share:.1f} |")
    return "\n".join(lines)
