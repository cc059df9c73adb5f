"""Random numbers by name."""

import jax
import numpy as np

from evoplast.artefacts.seeds import jax_key, named_seed, numpy_rng


def test_seed_of_a_path_never_changes():
    assert named_seed(1, "search", 2) == 5761580164307473947


def test_paths_roots_and_kinds_of_name_differ():
    seeds = {
        named_seed(1, "search", 2),
        named_seed(2, "search", 2),
        named_seed(1, "search", "2"),
        named_seed(1, "search", 23),
        named_seed(1, "search"),
        named_seed(1, "search", "2, 3"),
        named_seed(1, "search", 2, 3),
    }
    assert len(seeds) == 7


def test_generators_repeat():
    np.testing.assert_array_equal(
        numpy_rng(1, "a").random(4), numpy_rng(1, "a").random(4)
    )
    first, second = (jax.random.uniform(jax_key(1, "a"), 3) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_name_with_separators_is_one_name():
    assert named_seed(1, 'a", "b') != named_seed(1, "a", "b")
