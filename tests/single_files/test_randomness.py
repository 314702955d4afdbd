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
    message = r"^rng .*; or None, or a numpy\.random\.Generator$"
    with pytest.raises((TypeError, ValueError), match=message):
        seeded(rng)


@pytest.mark.parametrize("rng", [7.0, np.int8(7), np.array(7, ">i4"), np.array([7])[0], np.float16(7)])
def test_a_seed_in_any_guise(rng):
    assert seeded(rng)[1] == 7


def test_negative_seed():
    with pytest.raises(ValueError, match=r"rng must be an integer from 0 up to \d+; got -3"):
        seeded(-3)


def test_the_seed_drawn_from_a_generator_repeats_what_follows():
    source = np.random.default_rng(5)
    for _ in range(2):  # the second draw is another seed
        generator, seed = seeded(source)
        np.testing.assert_array_equal(generator.spawn(1)[0].random(3), seeded(seed)[0].spawn(1)[0].random(3))
    assert seeded(source)[1] != seed
