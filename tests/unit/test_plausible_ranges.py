"""Every judgement has a plausible range, which holds the default and lies inside the limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import annotated_types
import pytest

from leadrisk.scenario.assumption import assumptions
from leadrisk.scenario.dependence_table import STATED, Dependence
from leadrisk.scenario.model import Scenario
from leadrisk.scenario.plausible_correlations import INDEPENDENT, PREFIX, tried_correlations
from leadrisk.scenario.schema import json_schema
from leadrisk.scenario.valid_keys import field_at

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

ALL = {record["key"]: record for record in assumptions(Scenario)}
RANGED = {key: record for key, record in ALL.items() if record["low"] is not None}


def declared(key: str) -> FieldInfo:
    field = field_at(tuple(key.split(".")))
    assert field is not None
    return field


def is_number(key: str) -> bool:
    annotation = declared(key).annotation
    return bool({int, float} & {annotation, *get_args(annotation)}) and not isinstance(ALL[key]["default"], tuple)


def inside(limit: Any, value: float) -> bool:
    if isinstance(limit, annotated_types.Ge):
        return value >= limit.ge
    if isinstance(limit, annotated_types.Le):
        return value <= limit.le
    if isinstance(limit, annotated_types.Gt):
        return value > limit.gt
    return not isinstance(limit, annotated_types.Lt) or value < limit.lt


def test_every_number_of_grade_c_has_a_range():
    numbers = [key for key, record in ALL.items() if record["grade"] == "C" and is_number(key)]
    assert len(numbers) > 90
    assert [key for key in numbers if key not in RANGED] == []


@pytest.mark.parametrize("key", RANGED)
def test_a_range_holds_the_default_inside_the_limits(key):
    low, high = (RANGED[key][end] for end in ("low", "high"))
    assert low < high
    assert low <= RANGED[key]["default"] <= high
    assert all(inside(limit, value) for limit in declared(key).metadata for value in (low, high))
    if declared(key).annotation is int:
        assert isinstance(low, int)
        assert isinstance(high, int)


def test_the_schema_tells_the_range():
    said = json_schema()["$defs"]["Trend"]["properties"]["calm_sd"]["description"]
    assert said.endswith("Grade: C. Plausible: 0.015 to 0.025.")


def test_correlations_on_judgement_and_pairs_taken_as_independent_are_tried():
    records = {record["key"].removeprefix(PREFIX): record for record in tried_correlations(Dependence())}
    judged = {f"{one.first}.{one.second}" for one in STATED if one.grade == "C"}
    independent = {f"{one.first}.{one.second}" for one in INDEPENDENT}
    assert set(records) == judged | independent
    assert not judged & independent
    for record in records.values():
        assert record["low"] < record["value"] == record["default"] < record["high"]
    assert all(records[key]["value"] == 0.0 for key in independent)
