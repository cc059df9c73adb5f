import pytest

from evoplast.cost import selection_cost
from evoplast.search.settings import TIE_BREAKS


def test_the_line_names_the_tie_break_times_and_memory(capsys):
    arguments = ["--population", "8", "--parameters", "20", "--tie-break", "crowding"]
    selection_cost.main(arguments)
    words = capsys.readouterr().out.split()
    assert words[0] == "crowding" and words[2] == "s" and words[-1] == "GiB"
    assert float(words[1]) >= 0 and 0 < float(words[-2]) < 8


@pytest.mark.slow
@pytest.mark.parametrize("tie_break", TIE_BREAKS)
def test_a_generation_of_the_paper_takes_seconds_and_fits_in_two_gib(tie_break):
    cost = selection_cost.selection_cost(4000, 2645, tie_break)
    # Ten seconds of processor time are five on two cores.
    assert cost.processor_s < 10
