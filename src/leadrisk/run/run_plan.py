"""The plan of a run on disk: what is simulated and settled, cut into tasks. Pure: it executes nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from leadrisk.errors import LeadriskError
from leadrisk.run.identity import differences, run_identity
from leadrisk.run.plan import Block, plan_blocks, task_size
from leadrisk.run.setting import prepare_run
from leadrisk.run.speed import REFERENCE
from leadrisk.scenario.model import Scenario

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadrisk.run.setting import Setting

PLAN = "plan.json"


@dataclass(frozen=True)
class RunPlan:
    """What blocks a run has, from what seed, and what every task must know.

    Attributes
    ----------
    identity
        Version, code, libraries and scenario, as in :func:`leadrisk.run.identity.run_identity`.
    chunk
        Populations of a task, and of a chunk.
    population_bytes
        What the chunks of a population take on disk.
    premium_shares
        Premium of the private aggregate cover by LEAD contract; empty: none.
    """

    identity: Mapping[str, Any]
    chunk: int
    population_bytes: int
    premium_shares: Mapping[str, float]

    @cached_property
    def scenario(self) -> Scenario:
        """Scenario, which states populations, futures and seed."""
        return Scenario.model_validate(self.identity["scenario"])

    @property
    def populations(self) -> int:
        """Populations of the run."""
        return self.scenario.run.populations

    @cached_property
    def blocks(self) -> list[Block]:
        """Populations of each task."""
        return plan_blocks(self.populations, size=self.chunk)

    @cached_property
    def text(self) -> str:
        """JSON of the plan."""
        return json.dumps(asdict(self), indent=1)

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the plan."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def setting(self) -> Setting:
        """Work out what is fixed for the run."""
        run = self.scenario.run
        found = prepare_run(self.scenario, futures=int(run.futures or 0), seed=run.seed)
        return found.with_premiums(self.premium_shares)

    def check_code(self) -> None:
        """Check that the plan was made by the program that reads it.

        Raises
        ------
        LeadriskError
            If version, code or libraries differ.
        """
        own = run_identity(self.scenario)
        other = differences({**self.identity, "scenario": own["scenario"]}, own)
        if other:
            message = f"the plan of this run was made by another program: {'; '.join(other)}"
            raise LeadriskError(message)


def default_chunk(scenario: Scenario, *, futures: int, population_bytes: int, slots: int) -> int:
    """Populations of a task of about a second, on the reference machine."""
    seconds = REFERENCE.population(scenario, futures=futures, population_bytes=population_bytes)
    return task_size(scenario.run.populations, seconds=seconds, slots=slots)


def read_plan(directory: Path) -> RunPlan | None:
    """Plan of the run in a directory; ``None`` where there is none.

    Raises
    ------
    LeadriskError
        If it cannot be read: nothing is concluded from that.
    """
    try:
        return RunPlan(**json.loads((directory / PLAN).read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        message = f"{directory / PLAN}: cannot be read: {error}; try again, or begin anew with --restart"
        raise LeadriskError(message) from error
