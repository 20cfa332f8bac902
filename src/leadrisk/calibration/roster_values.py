"""Values of one column of a roster, turned into numbers; those that break a rule are noted and become NaN or -1."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from leadrisk.calibration.roster_columns import (
    BLANK,
    FIRST_YEAR,
    LAST_YEAR,
    MOST_AGE,
    MOST_COST,
    MOST_SCORE,
    NO,
    WHOLE_WITHIN,
    YES,
)
from leadrisk.calibration.roster_faults import SHOWN_DOLLARS, shown_number, shown_text
from leadrisk.calibration.roster_file import arrow
from leadrisk.scenario.category_tables import CATEGORY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from leadrisk.calibration.roster_faults import Faults

IS_MISSING = "is missing"
_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"


@dataclass(frozen=True)
class Column:
    """One column of one file.

    Parameters
    ----------
    table
        Number of the file.
    name
        Name in the file.
    values
        `pyarrow.ChunkedArray` as read.
    """

    table: int
    name: str
    values: Any


def numbers(column: Column, faults: Faults) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the numbers of a column, float64 (record,), NaN where there is none, and which records are blank."""
    pa = arrow()
    values = column.values
    if pa.types.is_dictionary(values.type) or pa.types.is_boolean(values.type):
        values = values.cast(pa.string())
    unreadable: NDArray[np.bool_] = np.zeros(len(values), bool)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        text = words(values)
        matches = pa.compute.match_substring_regex(text, _NUMBER)
        unreadable = ~pa.compute.fill_null(matches, fill_value=True).to_numpy()
        values = pa.compute.if_else(matches, text, pa.scalar(None, text.type))
    found = np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    infinite = np.isinf(found)
    if unreadable.any() or infinite.any():
        faults.add(
            column.table,
            column.name,
            "must be a number",
            unreadable | infinite,
            got=lambda record: shown_text(str(column.values[record].as_py())),
            cure="write numbers plainly, as 1234.5: no commas, no dollar signs; leave blank what is not known",
        )
        found = np.where(infinite, np.nan, found)
    return found, np.isnan(found) & ~unreadable & ~infinite


def words(values: Any) -> Any:
    """Return text without spaces around it, null where it stands for a blank."""
    pa = arrow()
    text = pa.compute.utf8_trim_whitespace(values.cast(pa.string()))
    return pa.compute.if_else(pa.compute.is_in(text, pa.array(BLANK)), pa.scalar(None, pa.string()), text)


def limited(
    values: NDArray[np.float64],
    column: Column,
    faults: Faults,
    *,
    low: float,
    high: float,
    above_low: bool = False,
    whole: float | None = None,
    dollars: bool = False,
    cure: str = "",
) -> NDArray[np.float64]:
    """Note values outside limits, or further than ``whole`` from a whole number, and return NaN for them."""
    shown = partial(shown_number, below=SHOWN_DOLLARS) if dollars else shown_number
    too_low = values <= low if above_low else values < low
    too_high = values > high
    fraction = np.zeros(len(values), bool) if whole is None else np.abs(values - np.rint(values)) > whole
    fraction &= ~(too_low | too_high)
    wrong = too_low | too_high | fraction
    if not wrong.any():
        return values
    for rule, which in (
        (f"must {'be above' if above_low else 'not be below'} {low:,.10g}", too_low),
        (f"must not be above {high:,.10g}", too_high),
        ("must be a whole number", fraction),
    ):
        faults.add(column.table, column.name, rule, which, got=lambda record: shown(float(values[record])), cure=cure)
    return np.where(wrong, np.nan, values)


def years(column: Column, faults: Faults) -> NDArray[np.int16]:
    """Return calendar years, int16 (record,), -1 where there is none that can be used."""
    found, blank = numbers(column, faults)
    faults.add(column.table, column.name, IS_MISSING, blank)
    wrong = ~((found >= FIRST_YEAR) & (found <= LAST_YEAR) & (found == np.rint(found)))
    rule = f"must be a calendar year of {FIRST_YEAR} to {LAST_YEAR}"
    faults.add(
        column.table,
        column.name,
        rule,
        wrong & ~np.isnan(found),
        got=lambda record: shown_number(float(found[record])),
    )
    return np.where(wrong, -1, np.nan_to_num(found)).astype(np.int16)


def months(column: Column, faults: Faults, *, blank_is_absent: bool) -> NDArray[np.float32]:
    """Return months, float32 (record,), whole; NaN where the value cannot be used."""
    found, blank = numbers(column, faults)
    if blank_is_absent:
        found = np.where(blank, 0.0, found)
    else:
        faults.add(column.table, column.name, IS_MISSING, blank)
    cure = "months count 0 to 12 whole months of the calendar year"
    return np.rint(limited(found, column, faults, low=0.0, high=12.0, whole=WHOLE_WITHIN, cure=cure)).astype(np.float32)


def cost(column: Column, in_year: NDArray[np.float32], faults: Faults) -> NDArray[np.float64]:
    """Return dollars, float64 (record,), 0 where months are 0; NaN where the value cannot be used."""
    found, blank = numbers(column, faults)
    faults.add(column.table, column.name, IS_MISSING, blank & ~(in_year == 0.0), cure="write 0 where nothing was paid")
    found = limited(
        found,
        column,
        faults,
        low=0.0,
        high=MOST_COST,
        dollars=True,
        cure="cost counts dollars paid by Medicare in the whole year, net of reversals but at least 0",
    )
    faults.add(
        column.table,
        column.name,
        "must be 0 where months are 0",
        (found > 0.0) & (in_year == 0.0),
        got=lambda record: shown_number(float(found[record]), below=SHOWN_DOLLARS),
        cure="count the months in which these dollars were paid, or leave the dollars out",
    )
    return np.where(in_year == 0.0, 0.0, found)


def scores(column: Column, faults: Faults) -> NDArray[np.float32]:
    """Return risk scores, float32 (record,), NaN where not known."""
    found, _ = numbers(column, faults)
    cure = "a risk score is about 1 in the national mean; leave blank what is not known"
    return limited(found, column, faults, low=0.0, high=MOST_SCORE, above_low=True, cure=cure).astype(np.float32)


def ages(column: Column, faults: Faults) -> NDArray[np.float32]:
    """Return years of age, float32 (record,), whole; NaN where not known."""
    found, _ = numbers(column, faults)
    return np.floor(limited(found, column, faults, low=0.0, high=MOST_AGE)).astype(np.float32)


def choices(
    column: Column, codes: Mapping[str, int], faults: Faults, *, rule: str, optional: NDArray[np.bool_] | None = None
) -> NDArray[np.int8]:
    """Return the code of each word.

    Parameters
    ----------
    codes
        Words in small letters to codes.
    rule
        Told where a word is not one of them.
    optional
        Records that may be blank, bool (record,); ``None`` where none may.

    Returns
    -------
    ndarray
        int8 (record,), -1 where blank or not one of the words.
    """
    encoded = words(column.values).dictionary_encode()
    known = encoded.chunk(0).dictionary.to_pylist() if encoded.num_chunks else []
    code_of = np.array([*(codes.get(str(word).lower(), -1) for word in known), -1], np.int8)
    at = _indices(encoded)
    found = code_of[at]
    blank = at < 0
    faults.add(
        column.table,
        column.name,
        rule,
        (found < 0) & ~blank,
        got=lambda record: shown_text(str(column.values[record].as_py())),
    )
    faults.add(column.table, column.name, IS_MISSING, blank & ~optional if optional is not None else blank)
    return found


def flags(column: Column, faults: Faults, *, blank_is_no: bool) -> NDArray[np.int8]:
    """Return 1 for yes and 0 for no, int8 (record,); -1 where neither, which a blank is unless it means no."""
    optional = np.ones(len(column.values), bool) if blank_is_no else None
    codes = dict.fromkeys(YES, 1) | dict.fromkeys(NO, 0)
    found = choices(column, codes, faults, rule="must be yes or no (or 1 and 0, true and false)", optional=optional)
    return np.maximum(found, 0) if blank_is_no else found


def categories(column: Column, absent: NDArray[np.bool_], faults: Faults) -> NDArray[np.int8]:
    """Return the category as index into `CATEGORY_NAMES`, int8 (record,), -1 where it cannot be used."""
    codes = {name: index for index, name in enumerate(CATEGORY_NAMES)}
    return choices(column, codes, faults, rule=f"must be one of {', '.join(CATEGORY_NAMES)}", optional=absent)


def linked(columns: list[Column], faults: Faults) -> tuple[list[NDArray[np.int32]], int]:
    """Number the persons of several files by their key, which is then dropped.

    Parameters
    ----------
    columns
        The key in each file.

    Returns
    -------
    tuple
        For each file the number of the person, int32 (record,), -1 where the key is blank, numbered from 0 in the
        order met; and how many persons there are.
    """
    pa = arrow()
    keys = [column.values for column in columns]
    if not all(pa.types.is_integer(key.type) for key in keys):
        keys = [words(_whole(column)) for column in columns]
    elif len({key.type for key in keys}) > 1:
        keys = [key.cast(pa.int64()) for key in keys]
    encoded = pa.chunked_array([chunk for key in keys for chunk in key.chunks], type=keys[0].type).dictionary_encode()
    at = _indices(encoded)
    persons = len(encoded.chunk(0).dictionary) if encoded.num_chunks else 0
    ends = np.cumsum([len(key) for key in keys])[:-1]
    numbers_of_files = np.split(at, ends)
    for column, found in zip(columns, numbers_of_files, strict=True):
        faults.add(column.table, column.name, IS_MISSING, found < 0)
    return numbers_of_files, persons


def _whole(column: Column) -> Any:
    """Keys as stored, but whole numbers where a program made them floating to hold a blank."""
    pa = arrow()
    if not pa.types.is_floating(column.values.type):
        return column.values
    try:
        return pa.compute.if_else(pa.compute.is_nan(column.values), None, column.values).cast(pa.int64())
    except pa.ArrowInvalid:
        return column.values


def _indices(encoded: Any) -> NDArray[np.int32]:
    """Indices of a dictionary-encoded array, int32 (record,), -1 where null."""
    pa = arrow()
    parts = [pa.compute.fill_null(chunk.indices, -1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks]
    return np.concatenate(parts).astype(np.int32, copy=False) if parts else np.zeros(0, np.int32)
