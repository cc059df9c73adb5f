"""The files of one job of a search."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StageFiles:
    """Where a job of a search comes from and goes to.

    Attributes:
        state: the file that it writes; what it keeps between generations lies in the
            folder ``.state`` beside it.
        previous: the files of the job or jobs before; none for the first.
        log_path: where progress goes.
    """

    state: str | Path
    previous: Sequence[str | Path] = ()
    log_path: str | Path | None = None
