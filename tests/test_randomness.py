"""The keyword rng: what it takes, and that the recorded text repeats it."""

import numpy as np
import pytest

from latticepol.randomness import seeded


def test_a_seed_is_a_seed():
    generator, text = seeded(7)
    assert text == "7"
    np.testing.assert_array_equal(generator.random(5), np.random.default_rng(7).random(5))
    assert seeded(np.int64(7))[1] == "7"
    assert seeded(0)[1] == "0"


def test_none_draws_a_seed_and_tells_it():
    generator, text = seeded(None)
    again, _ = seeded(int(text))
    np.testing.assert_array_equal(generator.random(5), again.random(5))
    assert seeded(None)[1] != text


@pytest.mark.parametrize("rng", ["seven", 1.5, True, [1, 2], np.random.RandomState(1)])
def test_what_is_no_seed(rng):
    with pytest.raises(TypeError, match=r"is not a seed; give None, a non-negative int or a numpy\.random\.Generator"):
        seeded(rng)


def test_negative_seed():
    with pytest.raises(ValueError, match="rng = -3 is negative; give a seed >= 0"):
        seeded(-3)
