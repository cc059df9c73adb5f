"""What the result of a job depends on, as plain values by name.

In: the provenance of a job (settings, source, digests of its inputs). Out: one flat
dictionary, and a sentence where that of an earlier state differs. A state may be
continued only by a job that would have made the same state.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.netcdf import data_digest

# These cut the work into pieces; results do not depend on them.
WITHOUT_EFFECT = (
    "search.generations_per_segment",
    "evolution.generations_per_segment",
    "simulation.lanes",
    "simulation.memory_share",
)


_NETWORK = "the network "


def input_digests(paths: Iterable[str | Path]) -> dict[str, str]:
    """Return a digest of each file by its name and folder.

    That of a NetCDF file covers its data alone: one made again is the same.

    Raises:
        UserError: a file is missing or broken.
    """
    found = map(Path, paths)
    return {f"{path.parent.name}/{path.name}": _digest(path) for path in found}


def _digest(path: Path) -> str:
    if path.suffix == ".nc":
        return data_digest(path)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def identity_of(provenance: Mapping) -> dict[str, object]:
    """Return settings by dotted key, the source and the inputs of a job, flat."""
    settings = dict(_flat(provenance.get("settings", {}), ""))
    values = {name: v for name, v in settings.items() if name not in WITHOUT_EFFECT}
    digests = provenance.get("inputs", {})
    values |= {f"the input {name}": digest for name, digest in digests.items()}
    return values | {"the source": provenance.get("source")}


def own_identity_of(provenance: Mapping) -> dict[str, object]:
    """Return the identity of a job with the networks that it alone uses.

    A search has other networks in every generation: what is saved within a job is bound
    to them, what is handed on to the next job is not.
    """
    networks = provenance.get("networks", {})
    named = {f"{_NETWORK}{name}": digest for name, digest in networks.items()}
    return identity_of(provenance) | named


def lasting(identity: Mapping) -> dict[str, object]:
    """Return an identity without the networks of one job."""
    return {k: v for k, v in identity.items() if not k.startswith(_NETWORK)}


def _flat(values: Mapping, prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def refuse_other(old: Mapping, new: Mapping, what: str) -> None:
    """Compare two identities.

    Raises:
        UserError: they differ; names the first value that does, and both.
    """
    old, new = (json.loads(json.dumps(values)) for values in (old, new))
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            raise UserError(
                f"{what} was made with {name} = {old.get(name)}, and this run has "
                f"{new.get(name)}; restore it, or delete the segments made so far, "
                "and run again."
            )
