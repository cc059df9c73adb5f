"""Images as multiples of 1/127, so that a file of bytes gives them back exactly."""

import numpy as np

LEVELS = 127


def encode(images: np.ndarray) -> np.ndarray:
    """Return images in [-1, 1] as int8 codes -127..127; grey is 0."""
    return np.rint(np.clip(images, -1.0, 1.0) * LEVELS).astype(np.int8)


def decode(codes: np.ndarray) -> np.ndarray:
    """Return int8 codes as float32 images in [-1, 1]."""
    return codes.astype(np.float32) / np.float32(LEVELS)


def quantise(images: np.ndarray) -> np.ndarray:
    """Return the nearest images that a file can hold exactly, float32."""
    return decode(encode(images))
