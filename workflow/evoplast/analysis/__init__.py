"""The story: baselines, Pareto filter, comparison, frequencies, stability, scales.

In: worlds (a network with its inputs), genomes of rules, frozen settings. Out:
tables and datasets of the stages' artefacts; nothing here reads or writes files.
"""

from evoplast.analysis.baselines import (
    UNPLASTIC,
    BaselineSettings,
    best_screened,
    draw_rules,
    known_genomes,
)
from evoplast.analysis.candidates import shrunken
from evoplast.analysis.named_rules import NamedRules
from evoplast.analysis.pareto import leading_rules, non_dominated
from evoplast.analysis.reevaluation import (
    OBJECTIVES,
    Cell,
    Evaluate,
    Measurement,
    ReevaluationSettings,
    Worlds,
    describe_rules,
    evaluation_table,
    natural_objectives,
    plan_cells,
    reevaluate,
    score_rules,
)
from evoplast.analysis.statistics import (
    auc,
    auc_standard_error,
    bootstrap_interval,
    clustered,
    holm,
    mean,
    nested_bootstrap_interval,
    nested_bootstrap_p,
    sign_flip_test,
    standard_error,
)

__all__ = [
    "OBJECTIVES",
    "UNPLASTIC",
    "BaselineSettings",
    "Cell",
    "Evaluate",
    "Measurement",
    "NamedRules",
    "ReevaluationSettings",
    "Worlds",
    "auc",
    "auc_standard_error",
    "best_screened",
    "bootstrap_interval",
    "clustered",
    "describe_rules",
    "draw_rules",
    "evaluation_table",
    "holm",
    "known_genomes",
    "leading_rules",
    "mean",
    "natural_objectives",
    "nested_bootstrap_interval",
    "nested_bootstrap_p",
    "non_dominated",
    "plan_cells",
    "reevaluate",
    "score_rules",
    "shrunken",
    "sign_flip_test",
    "standard_error",
]
