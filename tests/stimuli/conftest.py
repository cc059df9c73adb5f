"""A small set of stimuli, and the input of the tiny network prepared for it."""

import pytest

from evoplast.stimuli import (
    InputSettings,
    StimulusSettings,
    make_gratings,
    make_natural,
    prepare_input,
)

SMALL = StimulusSettings.default(
    n_training_images=5,
    n_test_images=3,
    n_training_gratings=4,
    n_test_gratings=3,
)


@pytest.fixture(scope="session")
def gratings():
    return make_gratings(SMALL, seed=3)


@pytest.fixture(scope="session")
def natural():
    return make_natural(SMALL, seed=3)


@pytest.fixture(scope="session")
def prepared(tiny_network, gratings):
    return prepare_input(tiny_network, gratings, InputSettings.default())
