"""What rules do: the rules that are shown, and what is measured of them.

In: worlds, the tables of earlier stages, frozen settings. Out: tables and datasets of
the stages' artefacts. Everything is measured on networks that chose nothing.
"""

from evoplast.behaviour.ablations import ablation_cells, ablations, list_variants
from evoplast.behaviour.cells import CellPlan, cell_table, compared, measure_cells
from evoplast.behaviour.few_shot import few_shot_cells, learning_curves, trials_to_half
from evoplast.behaviour.recurrence import (
    agreement,
    front_gates,
    jaccard,
    own_front,
    recurrence,
)
from evoplast.behaviour.representative_rules import (
    read_published,
    representative_rules,
    with_published,
)
from evoplast.behaviour.representatives import (
    LABELS,
    NONE,
    Pool,
    Representatives,
    choose_representatives,
    read_representatives,
)
from evoplast.behaviour.sample_efficiency import sample_efficiency, trained_biology

__all__ = [
    "LABELS",
    "NONE",
    "Pool",
    "CellPlan",
    "Representatives",
    "ablation_cells",
    "ablations",
    "agreement",
    "cell_table",
    "front_gates",
    "jaccard",
    "own_front",
    "recurrence",
    "choose_representatives",
    "compared",
    "few_shot_cells",
    "learning_curves",
    "list_variants",
    "measure_cells",
    "read_published",
    "read_representatives",
    "representative_rules",
    "sample_efficiency",
    "trained_biology",
    "trials_to_half",
    "with_published",
]
