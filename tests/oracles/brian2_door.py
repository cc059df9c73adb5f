"""Brian2 as it comes in under this project's NumPy, quiet and free of side effects.

Brian2 2.9.0, the last release for Python 3.11, wraps ``numpy.ndarray.ptp`` while it is
imported; NumPy 2.4 has removed that method, and nothing can be added to that class.
(Brian2 2.10 leaves the method out where NumPy has none: its pull request 1705.) So the
function ``numpy.ptp`` is named instead, in the one source file concerned, in memory,
for the import alone. No computation of the oracle calls it. With an older NumPy
nothing is done.
"""

import logging
import sys
import warnings
from contextlib import contextmanager
from importlib.machinery import PathFinder, SourceFileLoader

import numpy as np

MODULE = "brian2.units.fundamentalunits"
REMOVED, PRESENT = "dimensions(np.ndarray.ptp)", "dimensions(np.ptp)"


class _Loader(SourceFileLoader):
    def get_code(self, fullname):
        source = self.get_source(fullname).replace(REMOVED, PRESENT)
        return compile(source, self.path, "exec")


class _Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != MODULE:
            return None
        spec = PathFinder.find_spec(name, path)
        spec.loader = _Loader(name, spec.origin)
        return spec


@contextmanager
def _ptp_replaced():
    needed = not hasattr(np.ndarray, "ptp")
    if needed:
        sys.meta_path.insert(0, _Finder)
    try:
        yield
    finally:
        if needed:
            sys.meta_path.remove(_Finder)


def import_brian2():
    """Return the module, set to NumPy code; ImportError if it is not installed."""
    hook = sys.excepthook
    with _ptp_replaced(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import brian2
    # Its import redirects uncaught errors and warnings to its own log.
    sys.excepthook = hook
    logging.captureWarnings(False)
    brian2.prefs.codegen.target = "numpy"
    return brian2
