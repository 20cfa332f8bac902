"""What work takes on this machine: as ``leadrisk bench`` measured it here, else as it was on the reference machine."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from leadrisk.experience._jit import cache_directory
from leadrisk.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadrisk.scenario.model import Scenario

_FILE = "speed.json"
_YEARS = 10.0  # of a pair that bench times
_WRITE_SECONDS = 0.8e-9  # a byte: checksum, copy and the file system's cache


class Speed(NamedTuple):
    """Seconds on one core.

    Attributes
    ----------
    person_year
        Of a beneficiary-year.
    pair_year
        Of a year of a (population, future) pair, whatever contracts are settled.
    contract_year
        Of a year of a pair under one contract more.
    stop_loss
        How many times as long a settlement with CMS's stop-loss takes.
    measured_here
        Whether ``leadrisk bench`` has measured them on this kind of processor.
    """

    person_year: float
    pair_year: float
    contract_year: float
    stop_loss: float
    measured_here: bool = False

    def population(self, scenario: Scenario, *, futures: int, population_bytes: float) -> float:
        """Seconds that simulating, settling and writing a population takes.

        Examples
        --------
        >>> import leadrisk as lr
        >>> scenario = lr.load_scenario("scenarios/baseline.toml")
        >>> round(REFERENCE.population(scenario, futures=64, population_bytes=300_000), 5)
        0.00222
        """
        persons = self.person_year * scenario.cohort.lives * len(scenario.horizon.years)
        return persons + self.settlement(scenario, futures=futures) + _WRITE_SECONDS * population_bytes

    def settlement(self, scenario: Scenario, *, futures: int) -> float:
        """Seconds that settling a population takes."""
        years = futures * scenario.horizon.performance_years
        each = self.pair_year + self.contract_year * len(scenario.contract.names)
        return years * each * (self.stop_loss if scenario.stop_loss.elected else 1.0)


#: Two shared cores of an AMD EPYC (Zen 4); docs/explanation/performance.md.
REFERENCE = Speed(person_year=1.24e-8, pair_year=2.3e-8, contract_year=1.61e-7, stop_loss=2.2)


def speed() -> Speed:
    """Speed of this machine, or of the reference machine where it was not measured."""
    directory = cache_directory()
    if directory is not None:
        with suppress(OSError, ValueError, TypeError):
            return Speed(**json.loads((Path(directory) / _FILE).read_bytes()))
    return REFERENCE


def write_speed(benchmark: Mapping[str, Any]) -> None:
    """Write down what ``leadrisk bench`` has measured, where the compiled kernels are; nothing where none can be."""
    layers = {name: layer["one_thread"] for name, layer in benchmark["layers"].items() if "one_thread" in layer}
    two, six = (1e-6 * layers[name] / _YEARS for name in ("settle_two_options", "settle_six_contracts"))
    contract = max((six - two) / 4.0, 0.0)
    found = Speed(
        person_year=1e-9 * layers["persons"],
        pair_year=max(two - 2.0 * contract, 0.0),
        contract_year=contract,
        stop_loss=layers["settle_two_options_with_stop_loss"] / layers["settle_two_options"],
        measured_here=True,
    )
    directory = cache_directory()
    if directory is not None:
        with suppress(OSError):
            write_atomically(Path(directory) / _FILE, json.dumps(found._asdict()).encode())
