"""What every script of the workflow starts with: its log, threads and errors.

In: the ``snakemake`` object of a script. Out: the provenance of its results. A user's
mistake ends the job with one sentence; anything else leaves its traceback in the log.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from evoplast.artefacts.errors import UserError
from evoplast.jobs.threads import limit_threads


@contextmanager
def job(snakemake: SimpleNamespace) -> Iterator[dict]:
    """Run the body as one job of the workflow; yield the provenance of its results."""
    limit_threads(snakemake.threads)
    log = _open_log(snakemake.log[0])
    try:
        yield provenance(snakemake)
    except UserError as error:
        log.error("%s", error)
        sys.exit(1)
    except Exception:
        log.exception("%s failed", snakemake.rule)
        sys.exit(1)


def provenance(snakemake: SimpleNamespace) -> dict:
    """Return what made the results of a job: rule, wildcards, settings, source."""
    return {
        "rule": snakemake.rule,
        "wildcards": dict(snakemake.wildcards.items()),
        "settings": snakemake.params.settings,
        "source": snakemake.params.source,
    }


def _open_log(path: str) -> logging.Logger:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handlers = [logging.FileHandler(path), logging.StreamHandler(sys.stderr)]
    logging.basicConfig(
        level=logging.WARNING, format="%(message)s", handlers=handlers, force=True
    )
    logging.captureWarnings(True)
    log = logging.getLogger("evoplast")
    log.setLevel(logging.INFO)
    return log
