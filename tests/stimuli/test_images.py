"""Gratings and photographs: range, grey level, disjoint splits, errors."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage import io

from evoplast.artefacts.errors import UserError
from evoplast.stimuli import StimulusSettings, make_gratings, make_natural
from evoplast.stimuli.gratings import grating_image, orientation_grid_deg
from evoplast.stimuli.photographs import (
    local_moments,
    normalise,
    packaged_photographs,
    patch_window,
    read_photograph,
)
from evoplast.stimuli.quantise import decode, encode

SMALL = StimulusSettings.default(
    n_training_images=5,
    n_test_images=3,
    n_training_gratings=4,
    n_test_gratings=3,
)


def write_photographs(folder, count):
    rng = np.random.default_rng(0)
    folder.mkdir()
    for i in range(count):
        pixels = rng.integers(0, 255, (40 + i, 90, 3), dtype=np.uint8)
        io.imsave(folder / f"photo{i}.png", pixels, check_contrast=False)


def test_photographs_are_shown_upright(tmp_path):
    # A camera that was held upright stores the picture lying, and says so (tag 274).
    pixels = np.zeros((40, 90, 3), np.uint8)
    pixels[:, :30] = 255
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    grey = read_photograph(tmp_path / "turned.png").grey
    assert grey.shape == (90, 40)
    assert grey[:30].min() == 1.0 and grey[30:].max() == 0.0


def test_orientation_grid_includes_both_ends():
    grid = orientation_grid_deg(StimulusSettings.default())
    assert len(grid) == 301
    assert grid[0] == 120.0 and grid[-1] == 150.0
    assert grid[1] == 120.1


def test_grating_has_the_asked_frequency_and_orientation():
    image = grating_image(np.array([0.0]), np.array([0.3]), 0.05)[0]
    assert np.allclose(image, image[:1])
    assert np.allclose(image[0, 20:], image[0, :-20])
    assert np.isclose(image[0, 0], np.sin(0.3))


def test_gratings_are_distinct_and_inside_their_range(gratings):
    angles = gratings.labels["orientation_deg"]
    assert angles.between(120, 150).all()
    assert angles.is_unique
    assert gratings.labels["phase_rad"].is_unique
    assert gratings.images.min() < -0.99 and gratings.images.max() > 0.99


def test_splits_have_the_asked_sizes_and_share_nothing(gratings, natural):
    for stimuli, n_training, n_test in ((gratings, 4, 3), (natural, 5, 3)):
        training, test = stimuli.members("training"), stimuli.members("test")
        assert (len(training), len(test)) == (n_training, n_test)
        assert not set(training) & set(test)
        flat = {image.tobytes() for image in stimuli.images}
        assert len(flat) == stimuli.n_stimuli


def test_training_and_test_crops_lie_in_different_halves():
    stimuli = make_natural(replace(SMALL, n_training_images=10, n_test_images=10), 1)
    widths = {photo.name: photo.grey.shape[1] for photo in packaged_photographs()}
    for training, label in zip(
        stimuli.is_training, stimuli.labels.itertuples(), strict=True
    ):
        width = widths[label.file]
        if training:
            assert label.column + label.width <= width // 2
        else:
            assert label.column >= width - width // 2


def test_photographs_have_local_mean_zero_and_deviation_one_third(natural):
    window = patch_window(15.0)
    for image in natural.images:
        mean, deviation = local_moments(image.astype(float), window)
        assert abs(mean) < 0.05
        assert 0.2 < deviation < 0.34


def test_normalisation_is_exact_before_clipping():
    image = np.random.default_rng(1).uniform(0, 1, (120, 240))
    mean, deviation = local_moments(
        normalise(image, patch_window(15)), patch_window(15)
    )
    assert np.isclose(mean, 0, atol=1e-12)
    assert np.isclose(deviation, 1 / 3)


def test_images_survive_quantisation_exactly(natural):
    assert natural.images.dtype == np.float32
    assert np.array_equal(decode(encode(natural.images)), natural.images)
    assert decode(encode(np.zeros(1)))[0] == 0.0


def test_same_seed_same_images_other_seed_others(gratings, natural):
    assert np.array_equal(make_gratings(SMALL, 3).images, gratings.images)
    assert np.array_equal(make_natural(SMALL, 3).images, natural.images)
    assert not np.array_equal(make_gratings(SMALL, 4).images, gratings.images)
    assert not np.array_equal(make_natural(SMALL, 4).images, natural.images)


def test_own_folder_is_split_by_image(tmp_path):
    write_photographs(tmp_path / "own", 9)
    stimuli = make_natural(replace(SMALL, image_folder=str(tmp_path / "own")), 2)
    assert stimuli.n_stimuli == 8
    assert stimuli.labels["file"].is_unique


@pytest.mark.parametrize("count", [0, 7])
def test_folder_with_too_few_images_is_refused(tmp_path, count):
    write_photographs(tmp_path / "own", count)
    with pytest.raises(UserError, match=f"holds {count} images.* is 8; add"):
        make_natural(replace(SMALL, image_folder=str(tmp_path / "own")), 2)


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="absent, which is not a folder"):
        make_natural(replace(SMALL, image_folder=str(tmp_path / "absent")), 2)


def test_broken_image_is_named(tmp_path):
    write_photographs(tmp_path / "own", 7)
    (tmp_path / "own" / "broken.jpg").write_bytes(b"\xff\xd8 not an image")
    with pytest.raises(UserError, match="broken.jpg cannot be read"):
        make_natural(replace(SMALL, image_folder=str(tmp_path / "own")), 2)


def test_uniform_image_is_named(tmp_path):
    write_photographs(tmp_path / "own", 7)
    grey = np.full((50, 100), 90, np.uint8)
    io.imsave(tmp_path / "own" / "wall.png", grey, check_contrast=False)
    with pytest.raises(UserError, match="wall.png is almost uniform"):
        make_natural(replace(SMALL, image_folder=str(tmp_path / "own")), 2)


def test_impossible_counts_and_ranges_are_refused():
    with pytest.raises(UserError, match="n_test_gratings is 1"):
        make_gratings(replace(SMALL, n_test_gratings=1), 1)
    with pytest.raises(UserError, match="n_training_images is 0"):
        make_natural(replace(SMALL, n_training_images=0), 1)
    with pytest.raises(UserError, match="orientation_step_deg is 0"):
        make_gratings(replace(SMALL, orientation_step_deg=0), 1)
