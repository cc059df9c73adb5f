"""Progress: one plain line a step in the log."""

from evoplast.artefacts.progress import Progress


def test_log_has_one_plain_line_a_step(tmp_path):
    log = tmp_path / "log" / "search.log"
    with Progress(2, "generation", log) as progress:
        progress.step(hypervolume=0.25)
        progress.step(hypervolume=0.5, formula="Δw = S_pre")
    lines = log.read_text().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("generation 1/2: hypervolume 0.25, elapsed_s")
    assert "Δw = S_pre" in lines[1] and "\r" not in log.read_text()


def test_evaluations_in_a_second_are_those_since_the_beginning(tmp_path):
    log = tmp_path / "search.log"
    with Progress(2, "generation", log, begun=1000) as progress:
        progress._start -= 10.0
        progress.step(evaluations=1200)
    numbers = log.read_text().split(": ")[1].split(", ")
    values = dict(part.split(" ") for part in numbers)
    assert 15 < float(values["evaluations_per_s"]) <= 20
