"""The hot loops of the person kernel are vector code on this machine; read from the assembly that LLVM writes."""

from __future__ import annotations

import platform

import llvmlite.binding as llvm
import numba
import numpy as np
import pytest
from numba import types

from leadrisk.experience import person_kernel
from leadrisk.experience._jit import kernel
from reference.benchmark_module import benchmark_module

count_instructions = benchmark_module("count_instructions")

pytestmark = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="reads the assembly of x86"
)


def faults(text: str, *, loops: int, operations: int) -> list[str]:
    """What is wrong with a kernel that should have so many vector loops and float operations in them."""
    found = [loop for loop in count_instructions.loops(text) if loop.kinds()["multiply"] >= 8]
    wide = 32 if numba.config.CPU_NAME is None and llvm.get_host_cpu_features().get("avx") else 16
    wrong = []
    if len(found) != loops:
        wrong.append(f"{len(found)} vector loops with products, not {loops}")
    if (packed := sum(loop.floats(packed=True) for loop in found)) < operations:
        wrong.append(f"{packed} packed float operations, not {operations}")
    for loop in found:
        if loop.calls:
            wrong.append("a call in the loop")
        if loop.floats(packed=False) > 0.1 * loop.floats(packed=True):
            wrong.append("float operations on single numbers in the loop")
        if 0 < loop.width < wide:
            wrong.append(f"vectors of {loop.width} bytes where the processor has {wide}")
    return wrong


@pytest.mark.parametrize(("name", "loops", "operations"), [("block_year", 3, 300), ("start_block", 1, 50)])
def test_loop_over_slots_is_vector_code(name, loops, operations):
    if name == "start_block" and (numba.config.CPU_NAME or not llvm.get_host_cpu_features().get("avx2")):
        pytest.skip("once in thirteen years; without AVX2 comparing 64-bit words is not worth vectors")
    text = count_instructions.assembly(getattr(person_kernel, name), count_instructions.KERNELS[name])
    assert faults(text, loops=loops, operations=operations) == []


def test_sums_of_a_row_are_vector_code():
    """The loop over 16 lanes is unrolled, so the function is read as a whole: 62 sums and 32 products by the flag."""
    text = count_instructions.assembly(person_kernel.add_block, count_instructions.KERNELS["add_block"])
    assert count_instructions.whole(text).floats(packed=True) >= 94


@kernel
def running_product(row):
    """A loop that cannot be vectorised: each step needs the one before, and nothing may be reordered."""
    for i in range(1, row.size):
        row[i] = np.float32(row[i] * row[i - 1] + row[i])


@kernel
def library_exponential(row):
    """A loop that calls the mathematical library."""
    for i in range(row.size):
        row[i] = np.exp(row[i])


@pytest.mark.parametrize("toy", [running_product, library_exponential])
def test_a_scalar_loop_is_found_out(toy):
    text = count_instructions.assembly(toy, (types.float32[::1],))
    assert faults(text, loops=1, operations=1)
    assert count_instructions.whole(text).floats(packed=True) == 0
