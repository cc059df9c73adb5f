"""Progress of long work: a bar on a terminal, plain lines in the log file."""

import sys
import time
from pathlib import Path
from types import TracebackType

from tqdm import tqdm


def _text(numbers: dict) -> str:
    return ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in numbers.items()
    )


class Progress:
    """Count steps of long work and say how it goes.

    A context manager. ``step`` takes the numbers that matter at that moment; they
    stand beside the bar on a terminal and on one line each in the log. ``evaluations``
    among them counts all so far, of which ``begun`` were before: the line says besides
    how many there are in a second.
    """

    def __init__(
        self,
        total: int,
        description: str,
        log_path: str | Path | None = None,
        begun: int | None = None,
    ) -> None:
        self._bar = tqdm(
            total=total, desc=description, file=sys.stderr, disable=not _on_terminal()
        )
        self._total = total
        self._description = description
        self._log = Path(log_path) if log_path else None
        self._done = 0
        self._begun = begun
        self._start = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def step(self, count: int = 1, **numbers: object) -> None:
        """Note that ``count`` more steps are done, with the numbers of now."""
        self._done += count
        self._bar.set_postfix_str(_text(numbers))
        self._bar.update(count)
        self._write_line(numbers)

    def _write_line(self, numbers: dict) -> None:
        if self._log is None:
            return
        elapsed = time.monotonic() - self._start
        left = elapsed / max(self._done, 1) * (self._total - self._done)
        shown = {**numbers, **self._rate(numbers, elapsed)}
        shown |= {"elapsed_s": elapsed, "left_s": left}
        line = f"{self._description} {self._done}/{self._total}: {_text(shown)}\n"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with open(self._log, "a") as handle:
            handle.write(line)

    def _rate(self, numbers: dict, elapsed: float) -> dict[str, float]:
        if self._begun is None or "evaluations" not in numbers:
            return {}
        new = numbers["evaluations"] - self._begun
        return {"evaluations_per_s": new / max(elapsed, 1e-9)}


def _on_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
