import numpy as np
import pytest
from fakes import SPACE, TYPES, FakeEvaluate, worlds

from evoplast import rules
from evoplast.analysis import baselines
from evoplast.analysis.own_rules import own_rule_files, read_own_rules
from evoplast.analysis.reevaluation import Measurement, ReevaluationSettings
from evoplast.artefacts.errors import UserError

PLAIN = """
my rule:
  formula: S_post*X_pre + X_post^2 + R
  coefficients:
    S_post*X_pre: {all: 0.5, "e5 -> i5Sst": -1}
    X_post^2: {e5: 0.1, i5Pvalb: 0.2, i5Sst: 0.3}
    R: -0.25
  tau_E_ms: 20
  tau_R_ms: {all: 75, i5Sst: 30}
  threshold: 0.55
"""


def written(tmp_path, text, name="mine.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path, text):
    return read_own_rules(written(tmp_path, text), SPACE, TYPES)


def test_a_rule_has_the_coefficients_that_its_file_says(tmp_path):
    (rule,) = read(tmp_path, PLAIN)
    assert rule.name == "my rule" and rule.has_threshold
    parts = rules.decode(SPACE, rule.genome[None])
    assert rules.formula(parts.gates[0]) == "Δw = S_post·X_pre + X_post² + R"
    pair = parts.pair[0, rules.PAIR_TERMS.index(rules.term_named("S_post*X_pre"))]
    expected = np.full((3, 3), 0.5)
    expected[TYPES.index("e5"), TYPES.index("i5Sst")] = -1
    np.testing.assert_allclose(pair, expected)
    post = parts.post[0, rules.POST_TERMS.index(rules.term_named("X_post^2"))]
    np.testing.assert_allclose(post, [0.1, 0.2, 0.3])
    assert parts.reward_alone[0] == pytest.approx(-0.25)
    np.testing.assert_allclose(parts.tau_E_ms[0], 20)
    np.testing.assert_allclose(parts.tau_R_ms[0], [75, 75, 30])
    assert parts.phi[0] == pytest.approx(0.55)


def test_the_table_that_is_written_of_a_rule_gives_it_back(tmp_path):
    genome = rules.random_genomes(SPACE, 1, rules_key(), 0.4)[0]
    gates = rules.decode(SPACE, genome[None]).gates[0]
    rules.coefficient_table(SPACE, genome, TYPES).to_csv(
        tmp_path / "a.csv", index=False
    )
    text = f'again:\n  formula: "{rules.formula(gates)}"\n  coefficients: a.csv\n'
    (rule,) = read(tmp_path, text)
    found, given = (rules.decode(SPACE, g[None]) for g in (rule.genome, genome))
    np.testing.assert_allclose(
        rules.coefficient_table(SPACE, rule.genome, TYPES)["coefficient"],
        rules.coefficient_table(SPACE, genome, TYPES)["coefficient"],
        rtol=1e-6,
    )
    assert (found.gates == given.gates).all()
    files = own_rule_files(tmp_path / "mine.yaml")
    assert [name.rsplit("/", 1)[1] for name in files] == ["mine.yaml", "a.csv"]


def rules_key():
    from evoplast.artefacts.seeds import jax_key

    return jax_key(3, "own rules")


def test_own_rules_are_scored_beside_known_ones_at_every_threshold(tmp_path):
    without = "other:\n  formula: S_pre\n  coefficients: {S_pre: 0.5}\n"
    own = read(tmp_path, PLAIN + without)
    settings = baselines.BaselineSettings.default(thresholds=(0.4, 0.6))
    short = ReevaluationSettings.default(training_trials=10, test_trials=20)
    measurement = Measurement(
        worlds(0), worlds(100, 101), short, 3, evaluate=FakeEvaluate()
    )
    table, genomes, cells = baselines.known_rules(measurement, SPACE, settings, own)
    mine = table[table["group"] == "own"]
    assert mine["name"].tolist() == ["my rule", "other", "other"]
    assert mine["champion"].sum() == 2 and len(genomes) == len(table)
    assert set(cells.loc[cells["group"] == "own", "name"]) == {"my rule", "other"}
    text = baselines.listed(table.replace({"name": {"other": "<b>|x"}}))
    assert "| <b>\\|x | own | Δw = S_pre |" in text


MISTAKES = {
    "term": ("S_prex*X_post", {}, "nearest is 'S_pre"),
    "twice": ("S_pre + S_pre", {}, "has the term S_pre twice"),
    "no coefficient": ("S_pre", {"coefficients": "{}"}, "S_pre has no coefficient"),
    "other term": ("S_pre", {"coefficients": "{S_pre: 1, R: 1}"}, "R has coefficients"),
    "unknown type": (
        "S_pre",
        {"coefficients": "{S_pre: {all: 1, i5Pvab: 0}}"},
        "did you mean 'i5Pvalb'",
    ),
    "missing type": (
        "S_pre",
        {"coefficients": "{S_pre: {e5: 1}}"},
        "says nothing of i5",
    ),
    "no arrow": (
        "S_pre*X_post",
        {"coefficients": "{S_pre*X_post: {all: 1, e5: 0}}"},
        "write 'pre -> post'",
    ),
    "too large": ("S_pre", {"coefficients": "{S_pre: 3}"}, "coefficient is 3; allowed"),
    "text": ("S_pre", {"coefficients": "{S_pre: high}"}, "S_pre is 'high'; write"),
    "nan": ("S_pre", {"coefficients": "{S_pre: .nan}"}, "allowed are -1 to 1"),
    "tau": ("S_pre", {"tau_E_ms": "0.1"}, "tau_E_ms is 0.1; allowed are 1 to 150"),
    "threshold": ("S_pre", {"threshold": "7"}, "threshold is 7; allowed are 0 to 1"),
    "key": ("S_pre", {"tau_e_ms": "20"}, "did you mean 'tau_E_ms'"),
    "table": ("S_pre", {"coefficients": "none.csv"}, "none.csv"),
    "list": ("S_pre", {"coefficients": "[1]"}, "give a number for each term"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_is_one_sentence_with_what_is_meant(tmp_path, case):
    formula, changes, expected = MISTAKES[case]
    entry = {"formula": formula, "coefficients": "{S_pre: 1}", **changes}
    lines = "".join(f"  {key}: {value}\n" for key, value in entry.items())
    with pytest.raises(UserError) as error:
        read(tmp_path, f"mine:\n{lines}")
    text = str(error.value)
    assert expected in text and "mine" in text and "\n" not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {}", "it has no formula"),
        ("a: S_pre", "it has no formula"),
        ("S_pre: {formula: S_pre}", "a rule of the literature has this name"),
        ("- a", "holds no keys"),
        ("a: {formula: S_pre}\na: {formula: R}", "a occurs twice"),
        ("a: &x {formula: S_pre, more: *x}", "contains itself"),
        (f"{'a' * 61}: {{formula: R}}", "1 to 60 letters"),
    ],
)
def test_a_file_that_is_no_list_of_rules_is_refused(tmp_path, text, expected):
    with pytest.raises(UserError, match=expected):
        read(tmp_path, text)
