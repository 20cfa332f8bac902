"""The generator: known answers and an independent reference; test_deviates looks at its draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrisk.experience.philox import philox
from reference.philox_reference import philox4x32_10

_WORD = st.integers(0, 2**32 - 1)

# Known-answer vectors of Random123 (kat_vectors, philox4x32 10): counter, key, answer.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_published_known_answers(counter, key, answer):
    assert philox4x32_10(counter, key) == answer
    assert tuple(int(w) for w in philox(np.array([counter], dtype=np.uint32), key[0] + (key[1] << 32))[0]) == answer


@given(st.tuples(_WORD, _WORD, _WORD, _WORD), st.integers(0, 2**64 - 1))
def test_kernel_equals_reference(counter, seed):
    got = philox(np.array([counter], dtype=np.uint32), seed)[0]
    assert tuple(int(w) for w in got) == philox4x32_10(counter, (seed & 0xFFFFFFFF, seed >> 32))
