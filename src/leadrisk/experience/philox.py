"""Philox4x32-10, the counter-based generator of Salmon et al. (2011), "Parallel random numbers: as easy as 1, 2, 3".

A draw is a pure function of its address: key (run seed) and four counter words. Chunks, threads, workers and resumed
runs therefore read the same numbers, and scenarios share their draws person by person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy import uint32, uint64

from leadrisk.experience._jit import inlined, kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_M0, _M1 = uint64(0xD2511F53), uint64(0xCD9E8D57)
_W0, _W1 = uint64(0x9E3779B9), uint64(0xBB67AE85)
_WORD = uint64(0xFFFFFFFF)
_S32 = uint64(32)

STREAM_START = 1  # state of a person at the start of the first base year
STREAM_YEAR = 2  # one person, one year
STREAM_SYSTEMIC = 3  # systemic factors that touch persons
STREAM_SCRAMBLE = 4  # scrambling seeds of the systemic futures
STREAM_PARAMETERS = 5  # parameters of persons that are a population's own


@inlined
def philox_round(c0, c1, c2, c3, k0, k1):
    """One round. A word is the low half of a uint64 and what stands above it is never read.

    Vector units multiply the low halves of 64-bit lanes, so words that stay in such lanes need no shuffles: a product
    costs a multiplication, a shift and an exclusive or.
    """
    p0 = _M0 * (c0 & _WORD)
    p1 = _M1 * (c2 & _WORD)
    return (p1 >> _S32) ^ c1 ^ k0, p1, (p0 >> _S32) ^ c3 ^ k1, p0


@inlined
def philox4x32(c0, c1, c2, c3, k0, k1):
    """Four 32-bit words at counter ``(c0, c1, c2, c3)`` under key ``(k0, k1)``; unrolled so that loops vectorise."""
    c0, c1, c2, c3, k0, k1 = uint64(c0), uint64(c1), uint64(c2), uint64(c3), uint64(k0), uint64(k1)
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + _W0, k1 + _W1
    c0, c1, c2, c3 = philox_round(c0, c1, c2, c3, k0, k1)
    return uint32(c0), uint32(c1), uint32(c2), uint32(c3)


@kernel
def philox_words(counters, key0, key1):
    """Words at many counters at once, for tests and for the few draws made outside the hot kernels."""
    words = np.empty_like(counters)
    for i in range(counters.shape[0]):
        w0, w1, w2, w3 = philox4x32(
            counters[i, 0], counters[i, 1], counters[i, 2], counters[i, 3], uint32(key0), uint32(key1)
        )
        words[i, 0], words[i, 1], words[i, 2], words[i, 3] = w0, w1, w2, w3
    return words


def philox(counters: NDArray[np.uint32], seed: int) -> NDArray[np.uint32]:
    """Random words at the given addresses.

    Parameters
    ----------
    counters
        Shape (n, 4): four counter words an address.
    seed
        Run seed, 0 to 2**64 - 1; its low and high halves are the key.

    Returns
    -------
    ndarray
        Shape (n, 4), 32 random bits each.

    Examples
    --------
    >>> import numpy as np
    >>> [hex(w) for w in philox(np.zeros((1, 4), np.uint32), 0)[0]]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    key0, key1 = split_seed(seed)
    words: NDArray[np.uint32] = philox_words(np.ascontiguousarray(counters, dtype=np.uint32), key0, key1)
    return words


def split_seed(seed: int) -> tuple[np.uint32, np.uint32]:
    """Low and high 32 bits of a seed: the two words of the generator's key."""
    return np.uint32(seed & 0xFFFFFFFF), np.uint32(seed >> 32)
