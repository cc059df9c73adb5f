"""What can be expected of stopping candidates early, without a simulation.

``python tests/bench/racing.py results/demo/baselines/random_rules.parquet`` draws
orders of the trials that each rule of the table got right and races them.
"""

import argparse
from pathlib import Path

from evoplast.artefacts.parquet import read_table
from evoplast.objectives import FLAG_NAMES
from evoplast.studies.racing_study import expected_table, study_text


def main() -> None:
    """Print how many rules were flagged, and what each confidence would save."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rules", type=Path, help="baselines/random_rules.parquet")
    parser.add_argument("--trials", type=int, default=300, help="of both tasks")
    parser.add_argument("--check-every", type=int, default=50)
    parser.add_argument("--keep", type=int, default=8)
    parser.add_argument("--confidences", type=float, nargs="+", default=[3.0, 2.0, 1.0])
    chosen = vars(parser.parse_args())
    rules = read_table(chosen.pop("rules"))
    counts = rules["screening_flag"].value_counts()
    for flag, count in counts.items():
        print(f"{FLAG_NAMES[flag]}: {count} of {len(rules)} rules")
    print(study_text(expected_table(rules, **chosen)))


if __name__ == "__main__":
    main()
