"""What the documentation shows can be run, and what it lists is there."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

import leadrisk as lr
from leadrisk.run.check import check_terms

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BASELINE = ROOT / "scenarios" / "baseline.toml"

ELECTED = {
    "contract.names": ["lead_global", "lead_professional", "mssp_enhanced", "mssp_basic_e", "reach_global"],
    "elections.npcc": True,
    "elections.npcc_providers": ["A"],
    "elections.apo": True,
    "elections.apo_providers": ["B"],
    "elections.cara_providers": ["C"],
    "elections.enhanced_pcc": False,
    "elections.medical_nutrition_therapy": True,
    "elections.part_b_cost_sharing_support": True,
    "stop_loss.elected": True,
    "cara.elected": True,
    "aggregate_cover.bought": True,
    "participation.exit_rule": "after_cumulative_loss",
}


def blocks(language):
    """Code blocks of how-to and explanation pages, as (page, number, text)."""
    pages = sorted([*DOCS.glob("how-to/*.md"), *DOCS.glob("explanation/*.md")])
    pattern = re.compile(rf"^( *)```{language}\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
    for page in pages:
        for number, match in enumerate(pattern.finditer(page.read_text(encoding="utf-8"))):
            yield page, number, "\n".join(line.removeprefix(match[1]) for line in match[2].splitlines()) + "\n"


TOML = [pytest.param(text, id=f"{page.stem}-{number}") for page, number, text in blocks("toml")]


@pytest.mark.parametrize("text", TOML)
def test_toml_is_valid(text, tmp_path):
    file = tmp_path / "shown.toml"
    if text.startswith("program ="):
        file.write_text(text, encoding="utf-8")
        assert lr.settle_case(file)["net_shared_savings"]
    elif text.startswith("name ="):
        file.write_text(text, encoding="utf-8")
        assert lr.load_scenario(file).cohort.lives
    else:
        file.write_text(text.replace("[terms]", "[contract.terms]"), encoding="utf-8")
        check_terms(lr.load_scenario(BASELINE, overlays=[file]), files=[BASELINE, file])


def test_python_runs(monkeypatch):
    monkeypatch.chdir(ROOT)
    shown = [text for page, _, text in blocks("python") if page.stem == "use-from-python" and "open_zarr" not in text]
    assert len(shown) > 3
    names = {}
    for text in shown:
        exec(text.replace("populations=512", "populations=4"), names)
    assert names["grid"].sizes["design"] == 3


def test_outputs_name_every_line_of_a_settlement():
    page = (DOCS / "reference" / "outputs.md").read_text(encoding="utf-8")
    scenario = lr.load_scenario(BASELINE, set={**ELECTED, "cohort.lives": 500})
    settlement = lr.settle(lr.simulate(scenario, populations=4), scenario, futures=2)
    assert "in_model" in settlement
    assert "stop_loss_payout" in settlement
    absent = [name for name in [*settlement.data_vars, *settlement.attrs] if f"`{name}`" not in page]
    assert absent == []


def test_architecture_names_every_module():
    page = (DOCS / "explanation" / "architecture.md").read_text(encoding="utf-8")
    table = page[page.index("## Modules") : page.index("(the-table-of-systemic-factors)=")]
    named = re.findall(r"`([a-z0-9_*/]+)`", table)
    modules = [path.stem for path in (ROOT / "src" / "leadrisk").rglob("*.py") if not path.stem.startswith("__")]
    assert [module for module in modules if not any(fnmatch(module, name) for name in named)] == []
