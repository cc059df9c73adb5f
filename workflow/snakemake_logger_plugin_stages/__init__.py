"""Snakemake's logger ``--logger stages``: a line for each stage, as ``make run`` shows.

The name is what Snakemake looks for; the work is done in ``evoplast.jobs.console``.
"""

import logging
import sys
import threading

from snakemake_interface_logger_plugins.base import LogHandlerBase

from evoplast.jobs.console import EVERY_S, Console


class LogHandler(LogHandlerBase):
    """Passes the records of Snakemake on to a :class:`Console` on stderr."""

    def __post_init__(self) -> None:
        self._console = Console(sys.stderr)
        # A daemon: it must not keep Snakemake alive.
        self._stop = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._stop.wait(EVERY_S):
            self._console.tick()

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        event = getattr(record, "event", None)
        bad = record.levelno >= logging.WARNING
        name = None if event is None else str(event)
        self._console.handle(name, vars(record), record.getMessage(), bad)

    def close(self) -> None:
        """End the watch over running jobs."""
        self._stop.set()
        super().close()

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = True
    needs_rulegraph = False
