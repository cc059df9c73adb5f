"""Natural photographs: crops of real photographs, locally normalised.

In: settings and a seed; the photographs that come with scikit-image and scikit-learn,
or a folder of the user's own. Out: a ``StimulusSet``, training first.

A small network sees about +-20 degrees of the frame, so mean and contrast are
normalised under a Gaussian window at the centre of the frame, not over the whole.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageOps
from skimage import color, transform

from evoplast.artefacts.errors import UserError
from evoplast.artefacts.seeds import numpy_rng
from evoplast.configuration.sections.stimuli import IMAGE_SUFFIXES, StimulusSettings
from evoplast.stimuli.quantise import quantise
from evoplast.stimuli.types import (
    FRAME_COLUMNS,
    FRAME_ROWS,
    NATURAL,
    StimulusSet,
)

# Photographs of scenes inside the packages. Left out: drawings and micrographs, plain
# textures (brick, grass, gravel), and the second view of the motorcycle, whose left
# half shows what the right half of the first one shows.
PACKAGED_PHOTOGRAPHS = (
    ("skimage.data", "astronaut.png"),
    ("skimage.data", "camera.png"),
    ("skimage.data", "chelsea.png"),
    ("skimage.data", "coffee.png"),
    ("skimage.data", "coins.png"),
    ("skimage.data", "moon.png"),
    ("skimage.data", "motorcycle_left.png"),
    ("skimage.data", "rocket.jpg"),
    ("sklearn.datasets", "images/china.jpg"),
    ("sklearn.datasets", "images/flower.jpg"),
)
MAX_16_BIT = 65535.0
# Values beyond three standard deviations under the window are cut to fit [-1, 1].
DEVIATIONS_AT_FULL_SCALE = 3.0
# A crop with less contrast than this under the window (grey scale 0..1) is a patch of
# plain sky or wall, where normalisation would only amplify noise.
MIN_PATCH_DEVIATION = 0.03
# Part of the window's deviation that must remain in a window of half its width: crops
# with structure only at the margin of the view hardly drive the network.
MIN_CENTRAL_DEVIATION = 0.6
MIN_RELATIVE_CROP_WIDTH = 0.6
MAX_TRIES = 200


@dataclass(frozen=True)
class Photograph:
    """A grey photograph (rows, columns) with values in [0, 1], and its name."""

    name: str
    grey: np.ndarray


def read_photograph(path: Path) -> Photograph:
    """Read an image file as grey values in [0, 1].

    Raises:
        UserError: the file is missing or not a readable image.
    """
    try:
        with Image.open(path) as image:
            # Cameras store turned pictures with a note how to turn them back.
            upright = ImageOps.exif_transpose(image)
            return Photograph(name=path.name, grey=_to_grey(upright))
    except Exception as error:
        # Decoders raise many types: SyntaxError, OSError, ValueError, struct.error.
        raise UserError(
            f"The image {path} cannot be read ({type(error).__name__}); remove it "
            "from the folder or replace it by an intact PNG, JPEG, TIFF or BMP file."
        ) from error


def _to_grey(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        return np.asarray(image) / MAX_16_BIT
    return color.rgb2gray(np.asarray(image.convert("RGB")))


def packaged_photographs() -> list[Photograph]:
    """Return the photographs that are installed with the packages."""
    return [
        read_photograph(_package_folder(package) / name)
        for package, name in PACKAGED_PHOTOGRAPHS
    ]


def _package_folder(package: str) -> Path:
    parent, child = package.split(".")
    # find_spec on the parent alone does not import scikit-learn, which is slow.
    found = find_spec(parent)
    if found is None or not found.submodule_search_locations:
        raise ModuleNotFoundError(f"the package {parent} is not installed")
    return Path(found.submodule_search_locations[0]) / child


def folder_files(folder: str | Path, n_needed: int) -> list[Path]:
    """Return the image files of a folder in the order of their names.

    Raises:
        UserError: the folder is missing, or holds fewer than ``n_needed`` images.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(
            f"stimuli.image_folder is {folder}, which is not a folder; give the path "
            "of a folder with images, or leave it empty for the packaged photographs."
        )
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)
    if len(files) < n_needed:
        raise UserError(
            f"stimuli.image_folder {folder} holds {len(files)} images "
            f"({', '.join(IMAGE_SUFFIXES)}), but n_training_images + n_test_images is "
            f"{n_needed}; add images or lower these numbers."
        )
    return files


def patch_window(sigma_deg: float) -> np.ndarray:
    """Return the Gaussian window (120, 240) at the frame's centre, sum 1."""
    rows = np.arange(FRAME_ROWS) - (FRAME_ROWS - 1) / 2
    columns = np.arange(FRAME_COLUMNS) - (FRAME_COLUMNS - 1) / 2
    squares = rows[:, None] ** 2 + columns[None, :] ** 2
    window = np.exp(-squares / (2 * sigma_deg**2))
    return window / window.sum()


def local_moments(image: np.ndarray, window: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation of an image under a window."""
    mean = float(np.sum(window * image))
    return mean, float(np.sqrt(np.sum(window * (image - mean) ** 2)))


def has_central_structure(image: np.ndarray, sigma_deg: float) -> bool:
    """Say whether an image has contrast where the network looks."""
    deviation = local_moments(image, patch_window(sigma_deg))[1]
    central = local_moments(image, patch_window(sigma_deg / 2))[1]
    return (
        deviation >= MIN_PATCH_DEVIATION
        and central >= MIN_CENTRAL_DEVIATION * deviation
    )


def normalise(image: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Return an image with local mean 0 and local deviation 1/3, cut to [-1, 1]."""
    mean, deviation = local_moments(image, window)
    scaled = (image - mean) / (DEVIATIONS_AT_FULL_SCALE * deviation)
    return np.clip(scaled, -1.0, 1.0)


def _resize(crop: np.ndarray) -> np.ndarray:
    return transform.resize(crop, (FRAME_ROWS, FRAME_COLUMNS), anti_aliasing=True)


def _crop_corner(
    photograph: Photograph, training: bool, rng: np.random.Generator
) -> tuple[int, int, int]:
    """Draw (row, column, width) of a 2:1 crop inside one half of a photograph."""
    n_rows, n_columns = photograph.grey.shape
    half = n_columns // 2
    widest = min(half, 2 * n_rows)
    width = 2 * int(rng.uniform(MIN_RELATIVE_CROP_WIDTH, 1.0) * widest / 2)
    row = int(rng.integers(0, n_rows - width // 2 + 1))
    column = int(rng.integers(0, half - width + 1))
    return row, column + (0 if training else n_columns - half), width


def _draw_crop(
    photograph: Photograph, training: bool, sigma_deg: float, rng: np.random.Generator
) -> tuple[np.ndarray, dict]:
    """Return a crop (120, 240) with structure at its centre, and its label."""
    for _ in range(MAX_TRIES):
        row, column, width = _crop_corner(photograph, training, rng)
        crop = photograph.grey[row : row + width // 2, column : column + width]
        image = _resize(crop)
        if has_central_structure(image, sigma_deg):
            label = {"row": row, "column": column, "width": width}
            return image, {"file": photograph.name, **label}
    raise UserError(
        f"No crop of {photograph.name} has structure in a window of "
        f"stimuli.patch_sigma_deg {sigma_deg}; choose a larger window."
    )


def _packaged_crops(
    settings: StimulusSettings, rng: np.random.Generator
) -> list[tuple[np.ndarray, dict]]:
    photographs = packaged_photographs()
    counts = ((True, settings.n_training_images), (False, settings.n_test_images))
    return [
        _draw_crop(
            photographs[i % len(photographs)], training, settings.patch_sigma_deg, rng
        )
        for training, count in counts
        for i in range(count)
    ]


def _centre_crop(grey: np.ndarray) -> tuple[int, int, int]:
    """Return (row, column, width) of the largest central 2:1 crop."""
    n_rows, n_columns = grey.shape
    width = 2 * (min(n_columns, 2 * n_rows) // 2)
    return (n_rows - width // 2) // 2, (n_columns - width) // 2, width


def _folder_crop(path: Path, window: np.ndarray) -> tuple[np.ndarray, dict]:
    photograph = read_photograph(path)
    row, column, width = _centre_crop(photograph.grey)
    crop = photograph.grey[row : row + width // 2, column : column + width]
    image = _resize(crop) if width >= 2 else np.zeros((FRAME_ROWS, FRAME_COLUMNS))
    if local_moments(image, window)[1] < MIN_PATCH_DEVIATION:
        raise UserError(
            f"The image {path} is almost uniform around its centre, where the network "
            "looks; remove it from the folder or crop it."
        )
    return image, {"file": path.name, "row": row, "column": column, "width": width}


def _folder_crops(
    settings: StimulusSettings, rng: np.random.Generator
) -> list[tuple[np.ndarray, dict]]:
    window = patch_window(settings.patch_sigma_deg)
    n_needed = settings.n_training_images + settings.n_test_images
    files = folder_files(settings.image_folder, n_needed)
    chosen = rng.permutation(len(files))[:n_needed]
    return [_folder_crop(files[i], window) for i in chosen]


def make_natural(settings: StimulusSettings, seed: int) -> StimulusSet:
    """Make the set of photographs.

    Packaged photographs: training crops come from the left half of each, test crops
    from the right half. A user's folder: every image is used once, the split is by
    image.

    Raises:
        UserError: a count is below 2, or the folder or one of its images is unusable.
    """
    n_training, n_test = settings.n_training_images, settings.n_test_images
    if n_training < 2 or n_test < 2:
        raise UserError(
            f"stimuli.n_training_images is {n_training} and n_test_images is "
            f"{n_test}; both must be at least 2, or no change is possible."
        )
    rng = numpy_rng(seed, "stimuli", NATURAL)
    window = patch_window(settings.patch_sigma_deg)
    source = _folder_crops if settings.image_folder else _packaged_crops
    crops = source(settings, rng)
    images = np.stack([normalise(image, window) for image, _ in crops])
    return StimulusSet(
        name=NATURAL,
        images=quantise(images),
        is_training=np.arange(n_training + n_test) < n_training,
        labels=pd.DataFrame([label for _, label in crops]),
        intensity=settings.intensity,
    )
