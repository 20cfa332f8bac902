"""Code on the way from scenario to settlement uses no arithmetic whose bits a CPU, a library or Python may change."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "leadrisk"
START = "run/api.py"  # simulate and settle; whatever they import is on the way
MAKE_NUMBERS = ("cohort", "experience", "futures", "contract", "run")
COMPILING = {"experience/_jit.py", "experience/kernel_cache.py"}

# NumPy's elementary functions pick an implementation by CPU, its products of matrices and linear algebra call BLAS and
# LAPACK, and its sums follow an order of its own. A square root is exact everywhere.
ELEMENTARY = {
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "float_power", "pow", "cbrt", "sin", "cos", "tan",
    "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "erf", "erfc", "gamma", "lgamma", "hypot", "dist",
}  # fmt: skip
SUMS = {
    "sum", "nansum", "mean", "nanmean", "average", "std", "var", "prod", "dot", "vdot", "inner", "matmul", "tensordot",
    "einsum", "convolve", "correlate", "cov", "corrcoef", "trapezoid", "fsum", "sumprod",
}  # fmt: skip
LIBRARIES = ("scipy", "statistics", "cmath", "random")

ALLOWED = {
    "futures/parameters.py: care_path(scenario).sum()": "parameters of a run; NumPy adds them in one order on any CPU",
    "futures/parameters.py: (direction * direction).sum()": "as above",
    "contract/stop_loss.py: (of_pool * (amount * dollars_per_cost)).sum(axis=1)": "three terms: NumPy adds in order",
    "run/lead_beside.py: block.experience['person_years'].values.sum(axis=2)": "three terms",
    "run/lead_beside.py: experience['person_years'].values.sum(axis=2)": "three terms",
    "contract/term.py: sum(weights)": "asks whether all are zero",
}


def modules() -> list[str]:
    """Modules of the result path: those that its start imports, directly or not, and that make numbers."""
    found, waiting = set(), [START]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _imported(_Executed().visit(_parsed(name)))
    return sorted(name for name in found if name.split("/")[0] in MAKE_NUMBERS and name not in COMPILING)


class _Executed(ast.NodeTransformer):
    """Leave out what is imported for annotations only."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def _parsed(name: str) -> ast.Module:
    return ast.parse((PACKAGE / name).read_text(encoding="utf-8"))


def _imported(tree: ast.AST) -> list[str]:
    names = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    paths = [name.removeprefix("leadrisk.").replace(".", "/") + ".py" for name in names if name.startswith("leadrisk.")]
    return [path for path in paths if (PACKAGE / path).is_file()]


def forbidden(tree: ast.AST) -> list[ast.AST]:
    found = [node for node in ast.walk(tree) if _is_forbidden(node)]
    called = [node.func for node in found if isinstance(node, ast.Call)]
    return [node for node in found if node not in called]


def _is_forbidden(node: ast.AST) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        from_math = isinstance(node, ast.ImportFrom) and node.module == "math"
        return any(name.startswith(LIBRARIES) for name in names) or (
            from_math and any(alias.name in ELEMENTARY | SUMS for alias in node.names)
        )
    if isinstance(node, ast.BinOp):
        powers = isinstance(node.op, ast.Pow) and not (
            isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant)
        )
        return powers or isinstance(node.op, ast.MatMult)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in {"np", "math"}:
        return node.attr in ELEMENTARY | SUMS | {"linalg", "fft"}
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in SUMS
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"sum", "pow"}


def test_every_module_of_the_result_path_is_looked_at():
    on_the_way = {
        "cohort/panel.py", "experience/person_kernel.py", "experience/special32.py", "futures/carry.py",
        "futures/path_kernel.py", "contract/lead.py", "contract/mssp_benchmark.py", "contract/reach_years.py",
        "run/settle.py", "run/lead_lines.py",
    }  # fmt: skip
    assert on_the_way <= set(modules())


def test_only_arithmetic_that_keeps_its_bits():
    found = {f"{name}: {ast.unparse(node)}" for name in modules() for node in forbidden(_parsed(name))}
    assert found == set(ALLOWED)


@pytest.mark.parametrize(
    "code",
    [
        "np.exp(x)", "np.log1p(x)", "np.sum(x)", "x.sum(axis=-1)", "xr.mean('future')", "sum(x)", "x ** 0.5", "x**2",
        "a @ b", "np.linalg.solve(a, b)", "math.exp(x)", "from math import log", "from scipy.special import ndtr",
        "import scipy.stats", "import statistics",
    ],
)  # fmt: skip
def test_what_may_differ_is_seen(code):
    assert forbidden(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["np.sqrt(x)", "np.cumsum(x)[-1]", "2.0**32", "from math import sqrt", "exponential(x)", "added_up(x)"]
)
def test_what_keeps_its_bits_passes(code):
    assert not forbidden(ast.parse(code))
