"""The catalogue tells what the files hold, and which rule is the best of its kind."""

import jax
import numpy as np
import pytest
from scipy.stats import sem
from small_runs import PROVENANCE, make_run

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.parquet import read_table, write_table
from evoplast.atlas import champion, findings_of_run, rule_called, rules_of_run
from evoplast.atlas.details import excites, prior_density
from evoplast.rules import RuleSpace, random_genomes


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def catalogue(files):
    return rules_of_run(files)


def test_every_rule_that_was_measured_again_is_there_once(catalogue):
    assert [entry.group for entry in catalogue.entries].count("known") == 3
    assert len(catalogue.entries) == 6 + 4 + 4
    assert len({entry.key for entry in catalogue.entries}) == 14


def test_means_and_errors_are_those_over_networks(files, catalogue):
    cells = read_table(files.evolved[1])
    for entry in catalogue.entries[:6]:
        own = cells[(cells["name"] == entry.name) & (cells["split"] == "unseen")]
        mean, error = entry.value("wasserstein_hz")
        assert mean == pytest.approx(own["wasserstein_hz"].mean())
        assert error == pytest.approx(sem(own["wasserstein_hz"]))


def test_the_best_of_each_kind_is_the_one_that_was_compared(files, catalogue):
    rows = read_table(files.comparison)
    rows = rows[(rows["selection"] == "champion") & (rows["split"] == "unseen")]
    for row in rows.itertuples():
        for group, mean in ((row.left, row.left_mean), (row.right, row.right_mean)):
            best = catalogue.best(group)
            assert best.value("cross_accuracy")[0] == pytest.approx(mean, abs=1e-12)


def test_names_that_make_the_same_link_get_links_of_their_own(tmp_path):
    names = ["A b", "a-b", "<&>", "!!!"]
    keys = [e.key for e in rules_of_run(make_run(tmp_path, names=names)).entries]
    assert keys[:4] == ["r-a-b", "r-a-b-2", "r-rule", "r-rule-2"]


@pytest.mark.parametrize("column", ["formula", "champion"])
def test_a_missing_column_is_one_sentence(tmp_path, column):
    files = make_run(tmp_path)
    write_table(
        files.evolved[0], read_table(files.evolved[0]).drop(columns=column), PROVENANCE
    )
    with pytest.raises(UserError, match=f"lacks the column '{column}'.*make it again"):
        rules_of_run(files)


def test_a_missing_file_is_one_sentence(tmp_path):
    files = make_run(tmp_path)
    files.random[1] = str(tmp_path / "nowhere.parquet")
    with pytest.raises(UserError, match="nowhere.parquet does not exist; check"):
        rules_of_run(files)


def test_kinds_with_other_cell_types_are_refused(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    files, others = make_run(tmp_path / "a"), make_run(tmp_path / "b", n_types=17)
    files.random = others.random
    with pytest.raises(UserError, match="other cell types.*same config"):
        rules_of_run(files)


@pytest.mark.parametrize("prior", ["uniform", "normal", "shared"])
def test_the_prior_that_is_drawn_is_the_one_that_rules_are_drawn_from(prior):
    space = RuleSpace(17)
    genomes = random_genomes(space, 300, jax.random.key(3), coefficient_prior=prior)
    edges = np.linspace(-1, 1, 11)
    values = genomes[:, space.slices["pair"]]
    counts, _ = np.histogram(values, edges)
    share = counts / counts.sum()
    # "shared" has one number for 289: 2400 independent draws.
    assert prior_density(prior, edges) == pytest.approx(share, abs=0.025)
    assert sum(prior_density(prior, edges)) == pytest.approx(1.0)


def test_own_rules_stand_beside_the_others(tmp_path):
    files = make_run(tmp_path)
    for path in files.known[:2]:
        table = read_table(path)
        table.loc[table["rule"] == 2, "group"] = "own"
        write_table(path, table, PROVENANCE)
    catalogue, found, _ = findings_of_run(files)
    own = [entry for entry in catalogue.entries if entry.group == "own"]
    assert [(entry.origin, entry.best) for entry in own] == [("your own", False)]
    assert f"best rule of your own, {own[0].name}" in [
        line.label for line in found.lines
    ]
    assert f"{own[0].name}, your own" in found.sentences[2]


def test_types_of_another_circuit_keep_their_sign():
    types = [{"name": "Rorb", "layer": "L4", "excitatory": True}]
    network = {"source": "sonata", "sonata": {"types": types}}
    assert excites("Rorb", network) and not excites("Rorb", {})
    assert excites("e23", {}) and not excites("i4Pvalb", network)


def test_a_rule_is_found_by_its_link_or_as_the_champion(tmp_path):
    catalogue = rules_of_run(make_run(tmp_path))
    entry = catalogue.entries[-1]
    assert rule_called(catalogue, entry.key) is entry
    assert rule_called(catalogue, "champion") is champion(catalogue)
    with pytest.raises(UserError, match="no rule 'r-evolvd-1'; did you mean 'r-evolv"):
        rule_called(catalogue, "r-evolvd-1")
