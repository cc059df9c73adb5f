"""LGN cells as linear filters with rectification.

In: an ``LgnPathway``. Out: its bank of subunits, and firing rates for any movie.
A cell fires max(0, amplitude * filtered + spontaneous); composite cells (sONsOFF,
sONtOFF) are the sum of a dominant OFF and a displaced ON subunit, each rectified and
with half of the spontaneous rate. Billeh et al. 2020; Chen et al. 2022.
"""

from collections.abc import Iterator

import numpy as np
from scipy import signal

from evoplast.artefacts.errors import UserError
from evoplast.network import LgnPathway
from evoplast.stimuli.spatial import spatial_filters
from evoplast.stimuli.temporal import (
    BASIS_MS,
    KERNEL_MS,
    temporal_kernels,
    zero_crossing,
)
from evoplast.stimuli.types import FRAME_COLUMNS, FRAME_ROWS, SubunitBank

# The Gaussian's standard deviation is a third of the published spatial size.
SIZE_PER_SIGMA = 3.0
FRAMES_PER_BLOCK = 1000
ROWS_PER_TRANSFORM = 1000


def aligned_kernels(
    weight: np.ndarray,
    peak_ms: np.ndarray,
    delay_ms: np.ndarray,
    time_to_peak_ms: np.ndarray,
    n_lags: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return kernels (C, n_lags) and the area (C,) of their first lobe.

    Both bumps are delayed further until the kernel's zero crossing lies at
    ``time_to_peak_ms`` (C,), the latency of the cell's response to a step.
    """
    raw = temporal_kernels(weight, peak_ms, delay_ms, BASIS_MS)
    crossing = zero_crossing(raw)
    first_lobe = np.arange(BASIS_MS)[None, :] < crossing[:, None]
    area = np.sum(np.where(first_lobe, raw, 0.0), axis=1)
    extra = np.maximum(time_to_peak_ms - crossing, 0.0)[:, None]
    return temporal_kernels(weight, peak_ms, delay_ms + extra, n_lags), area


def off_amplitude(
    pathway: LgnPathway, index: np.ndarray, area_off: np.ndarray, area_on: np.ndarray
) -> np.ndarray:
    """Return the OFF amplitude (C,) that balances a composite cell's maximum rates.

    The ON amplitude is 1; ``area_*`` are the kernels' first-lobe areas. Chen et al.
    2022, after Billeh et al. 2020.
    """
    off, on = pathway.max_rate_off_hz[index], pathway.max_rate_on_hz[index]
    balance = pathway.off_factor[index] * (off / on) * (area_on / area_off)
    offset = pathway.spont_rate_hz[index] * (off - on) / (on * area_off)
    return -balance - offset


def _composite_kernels(
    pathway: LgnPathway, index: np.ndarray, n_lags: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return OFF kernels, ON kernels (C, n_lags) and OFF amplitudes (C,)."""
    off, area_off = aligned_kernels(
        pathway.weight_dom[index],
        pathway.kpeak_dom_ms[index],
        pathway.delay_dom_ms[index],
        pathway.time_to_peak_off_ms[index],
        n_lags,
    )
    on, area_on = aligned_kernels(
        pathway.weight_nondom[index],
        pathway.kpeak_nondom_ms[index],
        pathway.delay_nondom_ms[index],
        pathway.time_to_peak_on_ms[index],
        n_lags,
    )
    return off, on, off_amplitude(pathway, index, area_off, area_on)


def _subunit_places(
    pathway: LgnPathway, composite: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y in degrees (K,) of all subunits."""
    angle = np.deg2rad(pathway.tuning_deg[composite])
    distance = pathway.subfield_separation_deg[composite]
    x_on = pathway.x_deg[composite] + distance * np.cos(angle)
    y_on = pathway.y_deg[composite] + distance * np.sin(angle)
    return (
        np.concatenate([pathway.x_deg, x_on]),
        np.concatenate([pathway.y_deg, y_on]),
    )


def subunit_bank(pathway: LgnPathway, kernel_ms: int = KERNEL_MS) -> SubunitBank:
    """Return the linear filters of all LGN cells of a pathway.

    Raises:
        UserError: the kernel length is not positive, or the network has no LGN
            input.
    """
    if kernel_ms < 1 or len(pathway.lgn_id) == 0:
        raise UserError(
            f"input.lgn_kernel_ms is {kernel_ms} and the network has "
            f"{len(pathway.lgn_id)} LGN cells; both must be at least 1."
        )
    composite = np.flatnonzero(pathway.polarity == 0)
    dominant = temporal_kernels(
        pathway.weight_dom, pathway.kpeak_dom_ms, pathway.delay_dom_ms, kernel_ms
    )
    off, on, off_scale = _composite_kernels(pathway, composite, kernel_ms)
    dominant[composite] = off
    amplitude = pathway.polarity.astype(np.float64)
    amplitude[composite] = off_scale
    spontaneous = pathway.spont_rate_hz.astype(np.float64)
    spontaneous[composite] /= 2
    x_deg, y_deg = _subunit_places(pathway, composite)
    cell = np.concatenate([np.arange(len(pathway.lgn_id)), composite])
    amplitude = np.concatenate([amplitude, np.ones(len(composite))])
    sigma = pathway.spatial_size_deg[cell] / SIZE_PER_SIGMA
    return SubunitBank(
        cell=cell.astype(np.int32),
        spatial=spatial_filters(x_deg, y_deg, sigma, amplitude),
        kernels=np.concatenate([dominant, on]).astype(np.float32),
        spontaneous_hz=spontaneous[cell].astype(np.float32),
    )


def rectified_rates(
    linear: np.ndarray, spontaneous_hz: np.ndarray, cell: np.ndarray
) -> np.ndarray:
    """Return rates (L, T) in Hz of cells from the responses (K, T) of subunits.

    ``linear`` is overwritten.
    """
    linear += spontaneous_hz[:, None]
    np.maximum(linear, 0.0, out=linear)
    n_cells = int(cell.max()) + 1
    rates = linear[:n_cells]
    rates[cell[n_cells:]] += linear[n_cells:]
    return rates


def project(bank: SubunitBank, frames: np.ndarray) -> np.ndarray:
    """Return the spatial responses (K, T) to frames (T, 120, 240)."""
    flat = np.asarray(frames, np.float32).reshape(len(frames), -1)
    return bank.spatial @ np.ascontiguousarray(flat.T)


def _filter_in_time(kernels: np.ndarray, signals: np.ndarray) -> np.ndarray:
    """Convolve each row with its kernel; only outputs with a full past, (K, T)."""
    parts = []
    for start in range(0, len(signals), ROWS_PER_TRANSFORM):
        rows = slice(start, start + ROWS_PER_TRANSFORM)
        parts.append(
            signal.fftconvolve(signals[rows], kernels[rows], mode="valid", axes=1)
        )
    return np.concatenate(parts)


def rates_of_signals(bank: SubunitBank, signals: np.ndarray) -> np.ndarray:
    """Return rates (L, T) in Hz for spatial responses (K, T) after a grey screen."""
    past = bank.kernels.shape[1] - 1
    known = np.pad(np.asarray(signals, np.float32), ((0, 0), (past, 0)))
    linear = _filter_in_time(bank.kernels, known)
    return rectified_rates(linear, bank.spontaneous_hz, bank.cell)


def lgn_rates(
    movie: np.ndarray, pathway: LgnPathway, kernel_ms: int = KERNEL_MS
) -> np.ndarray:
    """Return the rates (T, L) in Hz for a movie at 1 kHz.

    Args:
        movie: (T, 120, 240), already times the intensity; grey is 0 and precedes
            the first frame. A memory map works, frames are read in blocks.
        pathway: the LGN cells.
        kernel_ms: temporal kernels are cut after this time.

    Raises:
        UserError: the movie has another shape.
    """
    blocks = lgn_rate_blocks(movie, pathway, kernel_ms)
    return np.concatenate(list(blocks))


def lgn_rate_blocks(
    movie: np.ndarray, pathway: LgnPathway, kernel_ms: int = KERNEL_MS
) -> Iterator[np.ndarray]:
    """Yield the rates (t, L) of ``lgn_rates`` block by block; at least one block.

    Raises:
        UserError: the movie has another shape.
    """
    if len(movie.shape) != 3 or movie.shape[1:] != (FRAME_ROWS, FRAME_COLUMNS):
        raise UserError(
            f"The movie has shape {movie.shape}; it must be (time in ms, "
            f"{FRAME_ROWS}, {FRAME_COLUMNS})."
        )
    bank = subunit_bank(pathway, kernel_ms)
    past = np.zeros((bank.n_subunits, kernel_ms - 1), np.float32)
    for start in range(0, max(len(movie), 1), FRAMES_PER_BLOCK):
        frames = movie[start : start + FRAMES_PER_BLOCK]
        known = np.concatenate([past, project(bank, frames)], axis=1)
        linear = _filter_in_time(bank.kernels, known)
        yield rectified_rates(linear, bank.spontaneous_hz, bank.cell).T
        past = known[:, known.shape[1] - (kernel_ms - 1) :]
