"""The Allen tables: cell types, GLIF3 models, connection rules, LGN, background.

In: a folder of CSV tables (``resources/allen_v1``, its README names every column).
Out: ``AllenTables``, arrays indexed by cell type (M, in the order of
``cell_types.csv``), GLIF model (G) and receptor port (Q), checked against the ranges
and relations of ``network.ranges``.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.tables import read_checked_csv
from evoplast.network.ranges import COMPOSITE, TABLES, TUNED_PAIR_RULE
from evoplast.network.types import CellTypes


@dataclass(frozen=True)
class PairRules:
    """Connection rule of each pair of types; arrays (M target, M source).

    ``p_max`` is the probability at zero distance, ``sigma_um`` its lateral decay
    in exp(-(r/sigma)^2), ``factor_0deg`` and ``factor_90deg`` its multiplier at
    equal and orthogonal orientation (1 where the pair is not tuned). ``receptor``
    counts ports from 0, ``phase_rule`` marks pairs with the retinotopic phase term,
    ``tuning_sigma_deg`` is the width of the weights' direction tuning.
    """

    p_max: np.ndarray
    sigma_um: np.ndarray
    factor_0deg: np.ndarray
    factor_90deg: np.ndarray
    nsyn_min: np.ndarray
    nsyn_max: np.ndarray
    receptor: np.ndarray
    delay_ms: np.ndarray
    phase_rule: np.ndarray
    tuning_sigma_deg: np.ndarray


@dataclass(frozen=True)
class AllenTables:
    """All tables a network is built from.

    ``n_full_model`` (M,) cells in the full model, ``depth_um`` (M, 2) range;
    ``models`` one row per GLIF model (G) with the index ``type`` of its cell type
    and its ``background_weight_pA``, ``background_receptor``;
    ``synaptic_weight_pA`` (G, M source), per synapse; ``lgn_classes`` and
    ``lgn_to_v1`` data frames, the latter in the order of the types.
    """

    cell_types: CellTypes
    n_full_model: np.ndarray
    depth_um: np.ndarray
    models: pd.DataFrame
    pairs: PairRules
    synaptic_weight_pA: np.ndarray
    lgn_classes: pd.DataFrame
    lgn_to_v1: pd.DataFrame
    background_rate_hz: float
    tau_syn_ms: np.ndarray


def _read(folder: Path, name: str) -> pd.DataFrame:
    return read_checked_csv(folder / f"{name}.csv", TABLES[name])


def _in_order(table: pd.DataFrame, key: str, wanted: list, name: str) -> pd.DataFrame:
    """Return the rows of ``table`` whose ``key`` is ``wanted``, in that order."""
    indexed = table.set_index(key)
    missing = [entry for entry in wanted if entry not in indexed.index]
    if missing:
        raise UserError(
            f"The table {name}.csv has no row with {key} = {missing[0]}; add the "
            "row or remove that entry from the other tables."
        )
    return indexed.loc[wanted]


def _cell_types(table: pd.DataFrame) -> CellTypes:
    return CellTypes(
        names=tuple(table["cell_type"]),
        excitatory=(table["ei"] == "e").to_numpy(),
        layer=tuple(table["layer"]),
    )


def _pair_matrix(table: pd.DataFrame, names: list[str], column: str) -> np.ndarray:
    matrix = table.pivot(index="target_type", columns="source_type", values=column)
    return matrix.reindex(index=names, columns=names).to_numpy()


def _check_pairs(table: pd.DataFrame, names: list[str]) -> None:
    present = set(zip(table["source_type"], table["target_type"], strict=True))
    for source in names:
        for target in names:
            if (source, target) not in present:
                raise UserError(
                    f"The table connections.csv has no row from {source} to {target}; "
                    "add it (p_max = 0 if the two are not connected)."
                )


def _pair_rules(table: pd.DataFrame, names: list[str]) -> PairRules:
    _check_pairs(table, names)

    def matrix(column: str) -> np.ndarray:
        return _pair_matrix(table, names, column)

    return PairRules(
        p_max=matrix("p_max").astype(float),
        sigma_um=matrix("sigma_um").astype(float),
        factor_0deg=np.nan_to_num(matrix("orientation_factor_0deg"), nan=1.0),
        factor_90deg=np.nan_to_num(matrix("orientation_factor_90deg"), nan=1.0),
        nsyn_min=matrix("nsyn_min").astype(int),
        nsyn_max=matrix("nsyn_max").astype(int),
        receptor=(matrix("receptor_port") - 1).astype(np.int8),
        delay_ms=matrix("delay_ms").astype(np.float32),
        phase_rule=matrix("weight_function") == TUNED_PAIR_RULE,
        tuning_sigma_deg=matrix("weight_sigma_deg").astype(float),
    )


def _weights(table: pd.DataFrame, models: pd.DataFrame, names: list) -> np.ndarray:
    """Return the weight per synapse (G, M), one row per model."""
    matrix = table.pivot(
        index="target_model_id", columns="source_type", values="syn_weight_pA"
    )
    matrix = matrix.reindex(index=models["model_id"], columns=names)
    if matrix.isna().to_numpy().any():
        model, source = matrix.stack(future_stack=True).isna().idxmax()
        raise UserError(
            f"The table synaptic_weights.csv has no weight from {source} to the "
            f"model {model}; add the row."
        )
    return matrix.to_numpy()


def _models(folder: Path, names: list[str]) -> pd.DataFrame:
    table = _read(folder, "glif_models")
    cells = table.groupby("cell_type")["n_cells_full_model"].sum()
    _in_order(cells[cells > 0].reset_index(), "cell_type", names, "glif_models")
    table = table[table["cell_type"].isin(names)].reset_index(drop=True)
    background = _in_order(
        _read(folder, "background"),
        "population",
        list(table["population"]),
        "background",
    )
    weight = background["syn_weight_pA"] * background["n_synapses"]
    return table.assign(
        type=table["cell_type"].map(names.index),
        background_weight_pA=weight.to_numpy(),
        background_receptor=background["receptor_port"].to_numpy() - 1,
    )


def _check_ports(folder: Path, ports: np.ndarray) -> None:
    """Check that ports count from 1 and that other tables use no other."""
    if ports.tolist() != list(range(1, len(ports) + 1)):
        raise UserError(
            f"The table receptor_ports.csv lists the ports {ports.tolist()}; they must "
            "count from 1 without a gap."
        )
    for name in ("connections", "lgn_to_v1", "background"):
        beyond = _read(folder, name)["receptor_port"].max()
        if beyond > len(ports):
            raise UserError(
                f"The table {name}.csv uses receptor_port = {beyond}, but "
                f"receptor_ports.csv has {len(ports)}; correct one of them."
            )


def _check_composite(classes: pd.DataFrame) -> None:
    """Check that composite classes have what only they need."""
    needed = [c for c in classes if any(_of_field(c, name) for name in COMPOSITE)]
    for _, row in classes[classes["polarity"] == 0].iterrows():
        absent = [name for name in needed if pd.isna(row[name])]
        if absent:
            raise UserError(
                f"The table lgn_classes.csv has no {absent[0]} for the composite class "
                f"{row['lgn_class']} (polarity 0), which needs it; add the value."
            )


def _of_field(column: str, field: str) -> bool:
    stem, _, unit = field.rpartition("_")
    return column == field or column in (
        *(f"{field}_{bump}" for bump in (0, 1)),
        *(f"{stem}_{bump}_{unit}" for bump in (0, 1)),
    )


def _check_one_rate(background: pd.DataFrame) -> None:
    rates = background["poisson_rate_hz"].unique()
    if len(rates) > 1:
        raise UserError(
            f"The table background.csv has poisson_rate_hz = {rates[0]} and {rates[1]};"
            " one source reaches all cells, so give one rate, and differences in "
            "syn_weight_pA or n_synapses."
        )


def _check_signs(tables: AllenTables) -> None:
    types = tables.cell_types
    sign = np.where(types.excitatory, 1, -1)
    model, source = np.nonzero(tables.synaptic_weight_pA * sign < 0)
    if len(model):
        kind = "excitatory" if types.excitatory[source[0]] else "inhibitory"
        raise UserError(
            "The table synaptic_weights.csv has syn_weight_pA = "
            f"{tables.synaptic_weight_pA[model[0], source[0]]} from the {kind} type "
            f"{types.names[source[0]]}; its sign must be that of the type."
        )


def read_allen_tables(folder: str | Path) -> AllenTables:
    """Read and check the tables in ``folder`` (``resources/allen_v1``).

    Raises:
        UserError: a table or column is missing, a value is out of its range, or a
            cell type, model or population that one table names is missing in another.
    """
    folder = Path(folder)
    types = _read(folder, "cell_types")
    names = list(types["cell_type"])
    models = _models(folder, names)
    lgn_to_v1 = _in_order(_read(folder, "lgn_to_v1"), "target_type", names, "lgn_to_v1")
    ports = _read(folder, "receptor_ports").sort_values("port")
    classes, background = _read(folder, "lgn_classes"), _read(folder, "background")
    _check_ports(folder, ports["port"].to_numpy())
    _check_composite(classes)
    _check_one_rate(background)
    tables = AllenTables(
        cell_types=_cell_types(types),
        n_full_model=types["n_full_model"].to_numpy(),
        depth_um=types[["depth_top_um", "depth_bottom_um"]].to_numpy(),
        models=models,
        pairs=_pair_rules(_read(folder, "connections"), names),
        synaptic_weight_pA=_weights(_read(folder, "synaptic_weights"), models, names),
        lgn_classes=classes,
        lgn_to_v1=lgn_to_v1.reset_index(),
        background_rate_hz=float(background["poisson_rate_hz"].iloc[0]),
        tau_syn_ms=ports["tau_syn_ms"].to_numpy(),
    )
    _check_signs(tables)
    return tables
