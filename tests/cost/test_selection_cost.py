import subprocess
import sys
from pathlib import Path

import pytest

from evoplast.cost import selection_cost
from evoplast.search.settings import TIE_BREAKS

BENCH = Path(__file__).parents[1] / "bench/selection.py"


def test_the_line_names_the_tie_break_times_and_memory():
    size = ["--population", "8", "--parameters", "20"]
    command = [sys.executable, str(BENCH), *size, "--tie-break", "crowding"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    words = done.stdout.split()
    assert words[0] == "crowding" and words[2] == "s" and words[-1] == "GiB"
    assert float(words[1]) >= 0 and 0 < float(words[-2]) < 8


@pytest.mark.slow
@pytest.mark.parametrize("tie_break", TIE_BREAKS)
def test_a_generation_of_the_paper_takes_seconds_and_fits_in_two_gib(tie_break):
    cost = selection_cost.selection_cost(4000, 2645, tie_break)
    # Ten seconds of processor time are five on two cores.
    assert cost.processor_s < 10
