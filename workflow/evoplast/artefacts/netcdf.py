"""NetCDF files of the workflow: whole datasets in, whole datasets out.

In: an ``xarray.Dataset`` with named dimensions and units, and a provenance
dictionary (seed, the part of the config that made it). Out: a NetCDF-4 file that
exists only when it is complete, whose data bytes depend on its input alone, and which
ends with a checksum.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import xarray as xr

from evoplast.artefacts.atomic import atomic_path
from evoplast.artefacts.errors import UserError
from evoplast.artefacts.provenance import describe
from evoplast.artefacts.reading import reading

# Stands before the checksum at the end of a file.
_LABEL = b"evoplast-sha256:"
COMPRESSION = {"zlib": True, "complevel": 4, "shuffle": True}


def _encoding(dataset: xr.Dataset) -> dict:
    return {
        name: COMPRESSION
        for name, variable in dataset.variables.items()
        if variable.dtype.kind in "fiub" and variable.size > 1
    }


def write_dataset(path: str | Path, dataset: xr.Dataset, provenance: dict) -> None:
    """Write ``dataset`` to ``path`` atomically, compressed, with provenance.

    Raises:
        UserError: the file cannot be written (full disk, no permission).
    """
    attributes = {
        "Conventions": "CF-1.11",
        "source": "evoplast",
        **dataset.attrs,
        "provenance": describe(provenance),
    }
    # In memory first: HDF5 crashes the process when it meets a full disk.
    content = dataset.assign_attrs(attributes).to_netcdf(
        engine="h5netcdf", encoding=_encoding(dataset)
    )
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        file.write(content)
        file.write(_LABEL + hashlib.sha256(content).hexdigest().encode())


def read_dataset(path: str | Path) -> xr.Dataset:
    """Read a whole NetCDF file into memory and close it.

    Raises:
        UserError: the file is missing, locked, truncated or not NetCDF.
    """
    path = Path(path)
    with reading(path, "NetCDF file", "delete it and run again"):
        _check_whole(path)
        return xr.load_dataset(path, engine="h5netcdf", decode_timedelta=False)


def _check_whole(path: Path) -> None:
    """Compare a file with the checksum at its end, if it has one.

    HDF5 checks its structure and compressed values, but neither text nor attributes.
    It does not mind what stands behind its own end, and nor do other programs.
    """
    content = path.read_bytes()
    size = len(content) - len(_LABEL) - hashlib.sha256().digest_size * 2
    if size > 0 and content[size:].startswith(_LABEL):
        found = hashlib.sha256(memoryview(content)[:size]).hexdigest()
        if content[size + len(_LABEL) :] != found.encode():
            raise ValueError("the file does not have its checksum")


def read_provenance(path: str | Path) -> dict:
    """Return the provenance dictionary stored in a NetCDF file.

    Raises:
        UserError: the file is missing, broken, or nothing of this workflow.
    """
    try:
        return json.loads(read_dataset(path).attrs["provenance"])
    except (KeyError, ValueError) as error:
        raise UserError(
            f"{path} does not say what made it, so it is no result of this workflow; "
            "delete it and run the stage that makes it."
        ) from error


def data_digest(path: str | Path) -> str:
    """Return a digest of what a NetCDF file holds, its provenance left out.

    Raises:
        UserError: the file is missing, truncated or not NetCDF.
    """
    dataset = read_dataset(path)
    digest = hashlib.sha256()
    about = {k: v for k, v in dataset.attrs.items() if k != "provenance"}
    digest.update(repr(sorted(about.items())).encode())
    for name in sorted(map(str, dataset.variables)):
        values = dataset[name].values
        head = (name, dataset[name].dims, values.dtype.str, values.shape)
        digest.update(repr(head).encode())
        text = values.dtype == object
        if text:
            digest.update(repr(values.tolist()).encode())
        else:
            digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()[:16]
