"""A part of a round as a job: files in, one file out, safe against interruption.

In: the files of the round before, the worlds of this round's generations, settings,
seeds. Out: the complete state of some of the round's families.

Every part makes the families of its round from those before by itself, which takes a
moment and has one outcome, and then runs every n-th of them. After each generation the
state is kept in the folder ``.state`` beside the output; a job that is killed goes on
from there and ends with the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.identity import (
    identity_of,
    lasting,
    own_identity_of,
    refuse_other,
)
from evoplast.artefacts.netcdf import read_dataset, write_dataset
from evoplast.artefacts.progress import Progress
from evoplast.artefacts.seeds import numpy_rng
from evoplast.evaluation import World
from evoplast.objectives import objective_names
from evoplast.search.families.family import (
    Family,
    first_families,
    first_formulas,
)
from evoplast.search.families.files import (
    Part,
    dataset_to_part,
    part_to_dataset,
    read_families,
)
from evoplast.search.families.measure import thresholds
from evoplast.search.families.rounds import FamilySearch, run_round
from evoplast.search.families.succession import (
    estimates,
    formulas_of,
    next_families,
)
from evoplast.search.generations import discard_autosaves, exit_on_sigterm
from evoplast.search.stage_files import StageFiles

# What tells the parts of a search apart, and not their settings.
_OF_ONE_PART = ("search seed", "round", "part", "the families before")
_ROUNDS = "families.rounds"


def run_part(
    search: FamilySearch,
    round_number: int,
    share: tuple[int, int],
    worlds: Mapping[int, World],
    files: StageFiles,
    provenance: dict,
) -> None:
    """Run part ``share`` (k, n) of a round and write ``files.state``.

    Raises:
        UserError: a file of the round before is missing, broken or of another search,
            or there are more parts than families.
    """
    (k, n_parts), previous = share, files.previous
    for path in previous:
        _refuse_other_settings(path, provenance)
    families, formulas, next_number = families_of_round(search, round_number, previous)
    if n_parts > len(families):
        raise UserError(
            f"families.parts is {n_parts}, but round {round_number} has "
            f"{len(families)} families; use fewer parts."
        )
    positions = list(range(k, len(families), n_parts))
    identity = _identity(search, round_number, share, provenance, previous)
    saved = Path(files.state).parent / ".state" / f"{_name(identity)}.nc"
    own = _saved(saved, identity) or [families[i] for i in positions]

    def part(families: Sequence[Family]) -> Part:
        return Part(
            list(families),
            positions,
            round_number,
            search.search_seed,
            formulas,
            next_number,
            objective_names(search.extras.extra_objectives),
        )

    total = search.settings.rounds[round_number][1]
    title = f"families {search.search_seed}, round {round_number}, part {k}"
    begun = _done(own)
    progress = Progress(total, title, files.log_path, begun)
    with progress, exit_on_sigterm():

        def keep(generation: int, now: Sequence[Family]) -> None:
            write_dataset(saved, part_to_dataset(part(now), identity), {})
            progress.step(**_shown(search, generation, now), evaluations=_done(now))

        done = run_round(search, own, round_number, worlds, keep)
    write_dataset(files.state, part_to_dataset(part(done), identity), provenance)
    discard_autosaves(saved.parent, saved.stem)


def _refuse_other_settings(path: str | Path, provenance: dict) -> None:
    """Refuse a part of the round before that was made with other settings."""
    stored = json.loads(read_dataset(path).attrs.get("identity", "{}"))
    old = {k: v for k, v in lasting(stored).items() if k not in _OF_ONE_PART}
    new = identity_of(provenance)
    # A round knows those before it, and later ones may be added.
    before, now = old.get(_ROUNDS), new.get(_ROUNDS)
    if isinstance(before, list) and isinstance(now, list):
        new[_ROUNDS] = now[: len(before)]
    refuse_other(old, new, f"The round {path}")


def families_of_round(
    search: FamilySearch, round_number: int, previous: Sequence[str | Path]
) -> tuple[list[Family], tuple[str, ...], int]:
    """Return the families that a round begins with, all formulas so far, next number.

    Raises:
        UserError: ``previous`` are files of another search or settings.
    """
    settings, space = search.settings, search.space
    if round_number == 0:
        rng = numpy_rng(search.seed, "families", search.search_seed, "first formulas")
        formulas = first_formulas(settings.start_formulas, settings.excluded_terms, rng)
        families = first_families(
            space,
            formulas,
            search.seed,
            search.search_seed,
            len(thresholds(space)),
            settings.first_multiplier,
        )
        return families, tuple(sorted(formulas_of(families))), len(families)
    before = read_families(previous)
    refuse_other(
        {"search": before.search_seed, "parameters": len(before.families[0].mean)},
        {"search": search.search_seed, "parameters": space.n_parameters},
        f"{previous[0]}",
    )
    known_before = frozenset(before.formulas)
    families = next_families(
        search, round_number, before.families, known_before, before.next_number
    )
    known = tuple(sorted({*before.formulas, *formulas_of(families)}))
    largest = max(before.next_number - 1, *(f.number for f in families))
    return families, known, largest + 1


def _identity(
    search: FamilySearch,
    round_number: int,
    share: tuple[int, int],
    provenance: dict,
    previous: Sequence[str | Path],
) -> str:
    digest = hashlib.sha256()
    for family in read_families(previous).families if previous else ():
        digest.update(family.mean.tobytes() + family.key.tobytes())
    values = {
        **own_identity_of(provenance),
        "search seed": search.search_seed,
        "round": round_number,
        "part": list(share),
        "the families before": digest.hexdigest()[:16],
    }
    return json.dumps(values, sort_keys=True)


def _name(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def _saved(path: Path, identity: str) -> list[Family] | None:
    """Return the families of an interrupted job, None if there is nothing usable."""
    if not path.exists():
        return None
    try:
        dataset = read_dataset(path)
    except UserError:
        return None
    if dataset.attrs.get("identity") != identity:
        return None
    return dataset_to_part(dataset).families


def _done(families: Sequence[Family]) -> int:
    return sum(family.evaluations for family in families)


def _control(families: Sequence[Family]) -> float:
    """Return the mean accuracy without plasticity in this round so far."""
    record = families[0].record
    return float(-record.of_control[:, 0].mean()) if record else float("nan")


def _shown(search: FamilySearch, generation: int, now: Sequence[Family]) -> dict:
    mean, se = estimates(now, search.settings)
    best = int(np.argmin(mean[:, 0]))
    return {
        "generation": generation,
        "families": len(now),
        "best_gain": float(-mean[best, 0]),
        "best_gain_se": float(se[best, 0]),
        "control": _control(now),
        "best": now[best].formula,
    }
