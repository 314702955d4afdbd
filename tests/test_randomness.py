"""The keyword rng: what it takes, and that the recorded seed repeats it."""

import numpy as np
import pytest

from latticepol.randomness import seeded


def test_a_seed_is_a_seed():
    generator, seed = seeded(7)
    assert seed == 7
    np.testing.assert_array_equal(generator.random(5), np.random.default_rng(7).random(5))
    assert seeded(np.int64(7))[1] == 7
    assert seeded(0)[1] == 0


def test_none_draws_a_seed_and_tells_it():
    generator, seed = seeded(None)
    again, _ = seeded(seed)
    np.testing.assert_array_equal(generator.random(5), again.random(5))
    assert seeded(None)[1] != seed


@pytest.mark.parametrize("rng", ["seven", 1.5, True, [1, 2], np.random.RandomState(1)])
def test_what_is_no_seed(rng):
    with pytest.raises(TypeError, match=r"is not a seed; give None, a non-negative int or a numpy\.random\.Generator"):
        seeded(rng)


def test_negative_seed():
    with pytest.raises(ValueError, match=r"rng = -3 is out of range; give a seed from 0"):
        seeded(-3)


def test_the_seed_drawn_from_a_generator_repeats_what_follows():
    source = np.random.default_rng(5)
    for _ in range(2):  # the second draw is another seed
        generator, seed = seeded(source)
        np.testing.assert_array_equal(generator.spawn(1)[0].random(3), seeded(seed)[0].spawn(1)[0].random(3))
    assert seeded(source)[1] != seed
