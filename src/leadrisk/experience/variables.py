"""The variables of an experience: name, dimensions, units and meaning, declared once and checked on write."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import xarray as xr


class Variable(NamedTuple):
    """Declaration of one result variable."""

    name: str
    dims: tuple[str, ...]
    units: str
    meaning: str


_PYC = ("population", "year", "category")

EXPERIENCE = (
    Variable("person_years", _PYC, "person-years", "exposure of aligned beneficiaries"),
    Variable(
        "expenditure",
        _PYC,
        "mean annual costs of the segment",
        "Part A and B cost, untruncated, neutral path",
    ),
    Variable(
        "excess",
        (*_PYC, "attachment"),
        "mean annual costs of the segment",
        "annualised cost above the attachment",
    ),
    Variable(
        "residual_excess",
        (*_PYC, "layer_attachment"),
        "mean annual costs of the segment",
        "annualised cost above what the risk score predicts plus the attachment, for stop-loss layers",
    ),
    Variable(
        "layer_node",
        ("category", "layer_attachment"),
        "mean annual costs of the segment",
        "attachment of the residual excess",
    ),
    Variable("score", _PYC, "score person-years", "reported risk score weighted by exposure"),
    Variable(
        "health",
        _PYC,
        "latent person-years",
        "latent health weighted by exposure: true morbidity, 0 at entry",
    ),
    Variable("entries", _PYC, "persons", "beneficiaries aligned anew in the year"),
    Variable("exits", _PYC, "persons", "persons who leave at year-end, alive; not those a shrinking panel drops"),
    Variable("deaths", _PYC, "persons", "beneficiaries who die in the year"),
    Variable("panel", ("population", "year"), "share of starting lives", "planned panel size"),
    Variable("pandemic", ("population", "year"), "0 or 1", "a pandemic breaks out in the year"),
)


def check_experience(experience: xr.Dataset) -> xr.Dataset:
    """Return the dataset with units and meanings attached.

    Raises
    ------
    ValueError
        If a variable is missing or has other dimensions than declared.
    """
    for variable in EXPERIENCE:
        if variable.name not in experience:
            msg = f"experience lacks the variable {variable.name!r}"
            raise ValueError(msg)
        array = experience[variable.name]
        if array.dims != variable.dims:
            msg = f"experience variable {variable.name!r} has dimensions {array.dims}, must have {variable.dims}"
            raise ValueError(msg)
        array.attrs.update(units=variable.units, long_name=variable.meaning)
    return experience
