"""Whatever is wrong with a scenario: one clear message with file, line, key, value, rule and cure."""

from __future__ import annotations

import os

import pytest

from leadrisk.errors import InputError
from leadrisk.scenario.load import load_scenario

GOOD = """name = "small"

[cohort]
lives = 5000
high_needs_share = 0.1
esrd_share = 0.0

[categories.aged_disabled]
base_year_pbpm = [
    900.0,
    920.0,
    950,
]
region_pbpm = 980
national_pbpm = 1000

[categories.high_needs]
base_year_pbpm = [2900, 2950, 3000]
region_pbpm = 3100
national_pbpm = 3200

[contract]
entrant = "renewing_mssp"
"""


@pytest.fixture
def scenario(tmp_path):
    """Write the good scenario with one piece replaced and return the file."""

    def write(old="", new="", name="scenario.toml"):
        assert old in GOOD
        file = tmp_path / name
        file.write_text(GOOD.replace(old, new, 1) if old else GOOD, encoding="utf-8")
        return file

    return write


def message(path, **options):
    with pytest.raises(InputError) as caught:
        load_scenario(path, **options)
    return str(caught.value)


def test_good_scenario_loads(scenario):
    loaded = load_scenario(scenario())
    assert loaded.cohort.lives == 5000
    assert loaded.categories.aged_disabled.base_year_pbpm == (900.0, 920.0, 950.0)


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("lives = 5000", "live = 5000", ":4: cohort.live", 'unknown key (did you mean "cohort.lives"?)'),
        ("[cohort]", "[cohrt]", ":3: cohrt", 'unknown key (did you mean "cohort"?)'),
        (
            "region_pbpm = 980",
            "death_rate = 0.1\nregion_pbpm = 980",
            ":14: categories.aged_disabled.death_rate",
            'did you mean "exposure.death_rate"?',
        ),
        ("[contract]", "[xyz]\na = 1\n[contract]", ":22: xyz", "valid keys here: name, description, horizon"),
        ("lives = 5000", 'lives = "abc"', ":4: cohort.lives", 'must be a whole number, got the text "abc"'),
        ("lives = 5000", 'lives = "5,000"', ":4: cohort.lives", "write the number without quotation marks"),
        (
            "lives = 5000",
            "lives = 5000.5",
            ":4: cohort.lives",
            "must be a whole number, got the number 5000.5",
        ),
        ("lives = 5000", "lives = true", ":4: cohort.lives", "must be a whole number, got true"),
        ("lives = 5000", "lives = [5000]", ":4: cohort.lives", "must be a whole number, got a list"),
        ("lives = 5000", "lives = 2027-01-01", ":4: cohort.lives", "got the date or time 2027-01-01"),
        ("lives = 5000", "lives = 100", ":4: cohort.lives", "must be at least 200, got 100"),
        ("lives = 5000", "lives = 6_000_000", ":4: cohort.lives", "must be at most 5,000,000, got 6,000,000"),
        ("esrd_share = 0.0", "esrd_share = nan", ":6: cohort.esrd_share", "must be a finite number"),
        ("esrd_share = 0.0", "esrd_share = inf", ":6: cohort.esrd_share", "must be a finite number"),
        (
            "high_needs_share = 0.1\nesrd_share = 0.0",
            "high_needs_share = 0.9\nesrd_share = 0.2",
            ":5: cohort.high_needs_share",
            "must sum to at most 1, got 0.9 + 0.2 = 1.1",
        ),
        ("920.0", "-920.0", ":11: categories.aged_disabled.base_year_pbpm[1]", "must be above 0, got -920.0"),
        ("920.0,", "", ":9: categories.aged_disabled.base_year_pbpm", "must have 3 values, got 2"),
        (
            "920.0,",
            "920.0, 930.0,",
            ":9: categories.aged_disabled.base_year_pbpm",
            "must have 3 values, got 4",
        ),
        (
            "region_pbpm = 980",
            "region_pbpm = -1",
            ":14: categories.aged_disabled.region_pbpm",
            "must be above 0, got -1",
        ),
        (
            "region_pbpm = 980\n",
            "",
            ":8: categories.aged_disabled.region_pbpm",
            "is missing (add region_pbpm = ...",
        ),
        (
            "[categories.high_needs]",
            "[categories.esrd]",
            ":8: categories.high_needs",
            "is missing; it is required",
        ),
        (
            "[contract]",
            "[cara]\nproviders = []\n[contract]",
            ":23: cara.providers",
            'did you mean "elections.cara_providers"?',
        ),
        ("renewing_mssp", "Renewing_MSSP", ":23: contract.entrant", 'did you mean "renewing_mssp"?'),
        ("renewing_mssp", "renewing_mspp", ":23: contract.entrant", 'did you mean "renewing_mssp"?'),
        ("[contract]\nentrant", "#", ": contract", "is missing (add a table [contract])"),
        (
            "[contract]",
            "[contract]\nnames = []",
            ":23: contract.names",
            "must have at least one value, got 0",
        ),
        (
            "[contract]",
            '[contract]\nnames = ["lead_global", "lead_globl"]',
            ":23: contract.names[1]",
            'did you mean "lead_global"?',
        ),
        (
            "[contract]",
            '[contract]\nnames = ["lead_global", "lead_global"]',
            ":23: contract.names",
            "named once",
        ),
        (
            "[contract]",
            "[contract]\nterms.a.b = nan",
            ":23: contract.terms.a.b",
            "must be made of finite numbers",
        ),
        ("[contract]", "[contract]\nterms = 3", ":23: contract.terms", "must be a table, got the number 3"),
        ('name = "small"', 'name = ""', ":1: name", "must not be empty"),
        ('name = "small"', "name = 3", ":1: name", "must be a text in quotation marks, got the number 3"),
        ('name = "small"', 'name = "a"\nhorizon = 5', ":2: horizon", "must be a table, got the number 5"),
        ("[contract]", "[run]\nfutures = 48\n[contract]", ":23: run.futures", "must be a power of two"),
        (
            "[contract]",
            "[run]\npopulations = 5\n[contract]",
            ":23: run.populations",
            "must be a multiple of 2, got 5",
        ),
        (
            "[contract]",
            "[horizon]\nfirst_performance_year = 2030\n[contract]",
            ":22: horizon.performance_years",
            "may not lie beyond 2036, got 10 years from 2030, the last one 2039",
        ),
        (
            "[contract]",
            "[shocks]\npandemic_year = 2040\n[contract]",
            ":23: shocks.pandemic_year",
            "must be a performance year (2027 to 2036), got 2040",
        ),
        (
            "[contract]",
            "[persons]\ncost_slope = 2\ncost_curvature = -0.4\n[contract]",
            ":24: persons.cost_curvature",
            "cost must rise with illness",
        ),
        (
            "[contract]",
            "[persons]\nhealth_weight = 1\n[contract]",
            ":23: persons.health_weight",
            "must be at most 0.99, got 1",
        ),
        (
            "[contract]",
            "[trend]\nstress_probability = 1\n[contract]",
            ":23: trend.stress_probability",
            "must be at most 0.7, got 1",
        ),
        (
            "[contract]",
            "[trend]\nstress_persistence = 0\nstress_probability = 0.6\n[contract]",
            ":24: trend.stress_probability",
            "must be at most 1 / (2 - stress_persistence) = 0.5, got 0.6",
        ),
        (
            "national_pbpm = 1000",
            "national_pbpm = 0",
            ":15: categories.aged_disabled.national_pbpm",
            "must be above 0, got 0",
        ),
        (
            "[contract]",
            f"[contract]\nterms.rea.cap = 1{'0' * 400}",
            ":23",
            "has a whole number beyond 64 bits",
        ),
        (
            "[contract]",
            "[contract]\nterms.x = [[[[1]]]]",
            ":23: contract.terms.x",
            "must be made of finite numbers",
        ),
        (
            "[contract]",
            f"[contract]\n{'a.' * 3000}b = 1",
            ":23",
            "is nested too deeply to be read",
        ),
        (
            "[contract]",
            "[trend]\nprojection_miss = [0,0,0,0,0,0,0,0,0,0,0]\n[contract]",
            ":23: trend.projection_miss",
            "must have at most 10 values, got 11",
        ),
        (
            "[contract]",
            "[trend]\nprojection_miss = 0.04\n[contract]",
            ":23: trend.projection_miss",
            "must be a list, got the number 0.04",
        ),
        (
            "[contract]",
            '[quality]\nprevention_quality_plan = "yes"\n[contract]',
            ":23: quality.prevention_quality_plan",
            'must be true or false, got the text "yes"',
        ),
    ],
)
def test_bad_value(scenario, old, new, where, says):
    file = scenario(old, new)
    text = message(file)
    assert text.startswith(f"{file}{where}: ")
    assert says in text
    assert "\n" not in text


def test_all_problems_are_listed_and_misspelt_keys_come_first(scenario):
    file = scenario("high_needs_share = 0.1\nesrd_share = 0.0", 'high_needs_shar = 0.1\nesrd_share = "x"')
    lines = message(file).split("\n")
    assert lines[0].startswith(f"{file}:5: cohort.high_needs_shar: unknown key")
    assert lines[1].startswith(f"{file}:6: cohort.esrd_share: must be a number")
    assert len(lines) == 2


def test_missing_file_names_the_nearest(scenario):
    file = scenario(name="baseline.toml")
    missing = file.with_name("baselin.toml")
    assert message(missing) == f'{missing}: there is no such file (did you mean "{file}"?)'


def test_directory_as_file(tmp_path):
    assert message(tmp_path) == f"{tmp_path}: is a directory, not a file (name a TOML file in it)"


def test_file_under_a_file(scenario):
    file = scenario() / "inner.toml"
    assert "cannot be read: Not a directory" in message(file)


def test_null_byte_in_the_name():
    assert "cannot be read" in message("a\0b.toml")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(scenario):
    file = scenario()
    file.chmod(0)
    assert "cannot be read: Permission denied" in message(file)


def test_broken_toml_names_the_line(scenario):
    file = scenario("lives = 5000", "lives = = 5000")
    assert message(file).startswith(f"{file}:4: is not TOML: ")


def test_broken_toml_at_the_end_names_the_last_line(tmp_path):
    file = tmp_path / "end.toml"
    file.write_text('name = "a"\nlives = [1,', encoding="utf-8")
    assert message(file).startswith(f"{file}:2: is not TOML: ")


def test_deep_nesting_is_refused(tmp_path):
    file = tmp_path / "deep.toml"
    file.write_text(f"a = {'[' * 100_000}", encoding="utf-8")
    assert message(file).startswith(f"{file}")


def test_not_utf8(tmp_path):
    file = tmp_path / "latin.toml"
    file.write_bytes('name = "a"\ndescription = "café"\n'.encode("latin-1"))
    assert message(file) == f"{file}:2: is not UTF-8 text (save it as UTF-8)"


def test_byte_order_mark_and_windows_lines_are_read(tmp_path):
    file = tmp_path / "windows.toml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_scenario(file).cohort.lives == 5000


def test_empty_file(tmp_path):
    file = tmp_path / "empty.toml"
    file.write_text("", encoding="utf-8")
    assert message(file).startswith(f"{file}: name: is missing")


def test_error_points_to_the_overlay_the_value_came_from(scenario, tmp_path):
    overlay = tmp_path / "stress.toml"
    overlay.write_text("# stress\n\n[cohort]\nlives = -1\n", encoding="utf-8")
    text = message(scenario(), overlays=[overlay])
    assert text == f"{overlay}:4: cohort.lives: must be at least 200, got -1"


def test_error_points_to_the_base_where_the_overlay_is_right(scenario, tmp_path):
    overlay = tmp_path / "stress.toml"
    overlay.write_text("[cohort]\nhigh_needs_share = 0.2\n", encoding="utf-8")
    file = scenario("lives = 5000", "lives = 1")
    assert message(file, overlays=[overlay]).startswith(f"{file}:4: cohort.lives: ")


def test_table_replaced_by_a_value_points_to_the_overlay(scenario, tmp_path):
    overlay = tmp_path / "stress.toml"
    overlay.write_text("cohort = 5\n", encoding="utf-8")
    text = message(scenario(), overlays=[overlay])
    assert text == f"{overlay}:1: cohort: must be a table, got the number 5"


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("cohort.lives", "abc", '--set: cohort.lives: must be a whole number, got the text "abc"'),
        ("cohort.lives", "", '--set: cohort.lives: must be a whole number, got the text ""'),
        ("cohort.lives", 3, "--set: cohort.lives: must be at least 200, got 3"),
        ("cohort.live", "3", '--set: cohort.live: unknown key (did you mean "cohort.lives"?)'),
        ("cohort.lives.x", "3", "--set: cohort.lives: must be a whole number, got a table"),
        (
            "contract.names",
            "lead_global",
            '--set: contract.names: must be a list, got the text "lead_global"',
        ),
        ("", "3", "unknown key"),
        ("cohort.lives", "[" * 3000, "--set: cohort.lives: is nested too deeply to be read"),
        ("cohort.lives", f"1{'0' * 400}", "--set: cohort.lives: has a whole number beyond 64 bits"),
        (".".join("a" * 3000), "3", "has too many parts"),
    ],
)
def test_bad_set(scenario, key, value, says):
    assert says in message(scenario(), set={key: value})


def test_set_cannot_smuggle_in_another_key(scenario):
    assert load_scenario(scenario(), set={"name": "3\nlives = 4"}).name == "3\nlives = 4"


def test_a_wrong_value_of_a_list_is_told_once(scenario):
    """None is left then, and pydantic says that, too."""
    said = message(scenario(), set={"contract.names": ["lead_globl"]})
    assert len(said.splitlines()) == 1
    assert 'did you mean "lead_global"?' in said
