"""Representative rules and a plan without a simulation."""

from types import SimpleNamespace

import fakes
import pandas as pd

from evoplast import rules
from evoplast.behaviour import CellPlan, Representatives

LABELS = {
    "best": ("evolved", ("S_pre", "X_post·R")),
    "simplest": ("evolved", ("X_pre",)),
    "none": ("no plasticity", ()),
}


def representatives():
    genomes = fakes.genomes_with(*(terms for _, terms in LABELS.values()))
    table = pd.DataFrame(
        {
            "rule": range(len(LABELS)),
            "label": list(LABELS),
            "labels": list(LABELS),
            "group": [group for group, _ in LABELS.values()],
            "formula": rules.formulas(fakes.SPACE, genomes),
        }
    )
    return Representatives(fakes.SPACE, genomes, table)


class FakeEvaluate(fakes.FakeEvaluate):
    """With the quantities of a whole evaluation; ``seen`` keeps options and worlds."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.seen = []

    def __call__(self, world, genomes, *rest, plastic_test=False):
        self.seen.append((world, len(genomes), plastic_test))
        found = super().__call__(world, genomes, *rest)
        names = ("d_prime", "hit_rate", "false_alarm_rate")
        extra = {name: found.accuracy + 1.0 for name in names}
        return SimpleNamespace(**vars(found), **extra)


PLAN = CellPlan(fakes.worlds(100, 101), 4, 6, 1, 1, "test", FakeEvaluate())
