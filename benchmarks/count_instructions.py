"""Instructions of the person kernel's vector loops, counted from the assembly that LLVM writes for this machine.

Run with ``python count_instructions.py``. Every loop of a kernel is listed with its packed and scalar float
instructions; ``per 16 slots`` is what sixteen persons cost in one year.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
from numba import types

from leadrisk.experience import person_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LABEL = re.compile(r"^(\.LBB\w+):")
_JUMP = re.compile(r"^\s+j\w+\s+(\.LBB\w+)")
_INSTRUCTION = re.compile(r"^\s+([a-z][a-z0-9]*)\s+(.*)$")
_FLOAT = re.compile(r"^v?(?:add|sub|mul|div|sqrt|max|min|fn?m(?:add|sub)\d*)(p|s)[sd]$")
_WIDTH = {"x": 16, "y": 32, "z": 64}
_WORDS, _FLOATS = types.uint32, types.float32
_ROWS = types.float32[::1]
_ADDRESS = (_WORDS, _WORDS, _WORDS, _WORDS)
KERNELS: dict[str, tuple[Any, ...]] = {
    "block_year": (
        *(_ROWS, types.int64, types.int64, _WORDS, *_ADDRESS),
        *(types.int32, types.int32, types.boolean, _FLOATS, _FLOATS, _ROWS, _ROWS),
    ),
    "add_block": (_ROWS, types.float64[:, :, ::1], types.boolean),
    "start_block": (_ROWS, types.int64, types.int64, *_ADDRESS, types.float64, _ROWS, types.int64),
}
KINDS = {
    "multiply": r"v?p?mul",
    "add, subtract": r"v?(add|sub)p",
    "divide, root": r"v?(div|sqrt)",
    "minimum, maximum": r"v?(min|max)p",
    "convert": r"v?cvt",
    "shift": r"v?ps(r|l)",
    "logic, integer add": r"v?p?(xor|and|or|ternlog|add[dq]|sub[dq])",
    "compare, choose": r"v?p?(cmp|blend|test|unpck|kand|kor)|k",
    "pack, shuffle": r"v?p?(movqd|mov.xd|insert|extract|perm|shuf|broadcast)",
    "move": r"v?mov",
}


@dataclass(frozen=True)
class Loop:
    """An innermost loop, or a whole function: its instructions in order, each with its operands."""

    instructions: tuple[tuple[str, str], ...]

    def floats(self, packed: bool) -> int:
        """Arithmetic on floats, of whole vectors or of single numbers."""
        found = (_FLOAT.match(name) for name, _ in self.instructions)
        return sum(match is not None and (match[1] == "p") == packed for match in found)

    @property
    def calls(self) -> int:
        """Calls of other functions."""
        return sum(name.startswith("call") for name, _ in self.instructions)

    @property
    def width(self) -> int:
        """Bytes of the widest vector register that floats are worked on in; 0 where there is none."""
        found = [
            _WIDTH[register]
            for name, operands in self.instructions
            if (match := _FLOAT.match(name)) and match[1] == "p"
            for register in re.findall(r"%([xyz])mm", operands)
        ]
        return max(found, default=0)

    def kinds(self) -> Counter[str]:
        """How many vector instructions of each kind."""
        vector = [name for name, operands in self.instructions if re.search(r"%([xyz]mm|k[0-7])", operands)]
        return Counter(next((kind for kind, like in KINDS.items() if re.match(like, name)), "other") for name in vector)


def assembly(function: Callable[..., Any], signature: tuple[Any, ...]) -> str:
    """Assembly of a kernel for this machine; compiled anew, since a cached one has lost it."""
    options = {name: value for name, value in function.targetoptions.items() if name != "nopython"}  # type: ignore[attr-defined]  # a dispatcher
    compiled = numba.njit(**options)(function.py_func)  # type: ignore[attr-defined]
    compiled.compile(signature)
    text = str(next(iter(compiled.inspect_asm().values())))
    return text[: text.index("_ZN7cpython")]  # what follows is the wrapper that Python calls


def whole(text: str) -> Loop:
    """All instructions of a kernel as if they were one loop."""
    found = (_INSTRUCTION.match(line) for line in text.splitlines())
    return Loop(tuple((match[1], match[2]) for match in found if match))


def loops(text: str) -> Iterator[Loop]:
    """Innermost loops: from a label to the jump back to it, with no such loop between."""
    lines = text.splitlines()
    labels = {match[1]: at for at, line in enumerate(lines) if (match := _LABEL.match(line))}
    ends: dict[int, int] = {}
    for at, line in enumerate(lines):
        if (jump := _JUMP.match(line)) and labels.get(jump[1], at) < at:
            ends[labels[jump[1]]] = at
    for begin, end in sorted(ends.items()):
        if not any(begin < other and last < end for other, last in ends.items()):
            found = (_INSTRUCTION.match(line) for line in lines[begin:end])
            yield Loop(tuple((match[1], match[2]) for match in found if match))


def main() -> None:
    for name, signature in KERNELS.items():
        for number, loop in enumerate(loops(assembly(getattr(person_kernel, name), signature)), 1):
            packed, scalar = loop.floats(packed=True), loop.floats(packed=False)
            print(f"{name}, loop {number}: {packed} packed and {scalar} scalar float operations, {loop.width} bytes")
            for kind, count in loop.kinds().most_common():
                print(f"    {kind:20}{count:5}")


if __name__ == "__main__":
    main()
