"""Spatial filters of LGN cells: a Gaussian read at the cell's place on the frame.

In: places and widths in degrees. Out: a sparse matrix that turns an image, flattened
row by row, into one number per filter. The image is smoothed with a sampled Gaussian
(cut at four standard deviations) and read between pixels by bilinear interpolation,
as Chen et al. 2022 do; outside of the frame the field is grey.
"""

import numpy as np
from scipy import sparse

from evoplast.stimuli.types import FRAME_COLUMNS, FRAME_ROWS

TRUNCATION = 4.0
FILTERS_PER_BLOCK = 1000


def frame_position(degrees: np.ndarray, n_pixels: int) -> np.ndarray:
    """Return the pixel coordinate of visual-field degrees, inside the frame."""
    return np.clip(degrees * (n_pixels - 1) / n_pixels, 0.0, n_pixels - 1.0)


def line_profile(position: np.ndarray, sigma: np.ndarray, radius: int) -> np.ndarray:
    """Return (K, 2 radius + 2) weights of pixels floor(position) - radius and on."""
    offset = np.arange(-radius, radius + 2)[None, :]
    fraction = (position - np.floor(position))[:, None]
    near = _sampled_gaussian(offset, sigma)
    far = _sampled_gaussian(offset - 1, sigma)
    return (1 - fraction) * near + fraction * far


def _sampled_gaussian(offset: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    inside = np.abs(offset) <= np.floor(TRUNCATION * sigma + 0.5)[:, None]
    values = np.where(inside, np.exp(-(offset**2) / (2 * sigma[:, None] ** 2)), 0.0)
    reach = np.arange(-200, 201)[None, :]
    allowed = np.abs(reach) <= np.floor(TRUNCATION * sigma + 0.5)[:, None]
    everything = np.exp(-(reach**2) / (2 * sigma[:, None] ** 2))
    return values / np.sum(np.where(allowed, everything, 0.0), axis=1, keepdims=True)


def _block(
    row: np.ndarray, column: np.ndarray, sigma: np.ndarray, amplitude: np.ndarray
) -> sparse.csr_array:
    radius = int(np.floor(TRUNCATION * sigma.max() + 0.5))
    offset = np.arange(-radius, radius + 2)[None, :]
    pixel_row = np.floor(row).astype(np.int64)[:, None] + offset
    pixel_column = np.floor(column).astype(np.int64)[:, None] + offset
    along_rows = line_profile(row, sigma, radius) * amplitude[:, None]
    along_rows[(pixel_row < 0) | (pixel_row >= FRAME_ROWS)] = 0.0
    along_columns = line_profile(column, sigma, radius)
    along_columns[(pixel_column < 0) | (pixel_column >= FRAME_COLUMNS)] = 0.0
    weight = along_rows[:, :, None] * along_columns[:, None, :]
    pixel = pixel_row[:, :, None] * FRAME_COLUMNS + pixel_column[:, None, :]
    keep = weight != 0.0
    indptr = np.concatenate([[0], np.cumsum(keep.sum(axis=(1, 2)))])
    parts = (weight[keep].astype(np.float32), pixel[keep].astype(np.int32), indptr)
    return sparse.csr_array(parts, shape=(len(row), FRAME_ROWS * FRAME_COLUMNS))


def spatial_filters(
    x_deg: np.ndarray, y_deg: np.ndarray, sigma_deg: np.ndarray, amplitude: np.ndarray
) -> sparse.csr_array:
    """Return the filters (K, 28800), float32; all arguments are (K,)."""
    row = frame_position(y_deg, FRAME_ROWS)
    column = frame_position(x_deg, FRAME_COLUMNS)
    starts = range(0, len(row), FILTERS_PER_BLOCK)
    parts = (slice(start, start + FILTERS_PER_BLOCK) for start in starts)
    blocks = [_block(row[p], column[p], sigma_deg[p], amplitude[p]) for p in parts]
    return sparse.vstack(blocks, format="csr")
