"""What the ACO elects in LEAD: payment mechanisms, protection, benefits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Strict, model_validator

from leadrisk.scenario.assumption import assumption
from leadrisk.scenario.election_rules import SHARED_SAVINGS_KEYS, Elected, check_elections
from leadrisk.scenario.table import Table, reject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadrisk.scenario.election_rules import Contradiction

Capitation = Literal["pcc", "tcc"]
Option = Literal["global", "professional"]
SpendingClass = Literal["lower", "higher"]
Providers = Annotated[tuple[str, ...], Strict(strict=False)]

_CHOICE = "the ACO's choice"
_OPTIONS: dict[str, Option] = {"lead_global": "global", "lead_professional": "professional"}


class GlobalElections(Table):
    """The capitation under Global, where it differs from Professional's."""

    capitation: Capitation | None = assumption(
        None,
        meaning="capitation under Global; left out: as in [elections]",
        unit="name",
        source=_CHOICE,
        grade="user",
    )


def _elected(meaning: str) -> Any:
    return assumption(False, meaning=meaning, unit="true or false", source=_CHOICE, grade="user")


def _covered(name: str) -> Any:
    meaning = f"providers that {name} covers; none named: all of them"
    return assumption((), meaning=meaning, unit="names", source=_CHOICE, grade="user")


def _share(default: float, name: str, *, low: float, high: float) -> Any:
    return assumption(
        default,
        meaning=f"share of expenditure at providers under {name}, after their agreed fee reductions; read if elected",
        unit="share of expenditure",
        source="judgement; depends on the ACO's own providers",
        grade="C",
        low=low,
        high=high,
        ge=0.0,
        le=1.0,
    )


class Elections(Table):
    """What the ACO elects; holds for every LEAD contract named, except where ``[elections.lead_global]`` differs."""

    capitation: Capitation = assumption(
        "pcc",
        meaning="primary care capitation, or total care capitation (Global only)",
        unit="name",
        source=_CHOICE,
        grade="user",
    )
    npcc: bool = _elected("non-primary care capitation beside PCC, not reconciled with claims")
    apo: bool = _elected("Advanced Payment Option beside PCC, reconciled with claims")
    enhanced_pcc: bool | None = assumption(
        None,
        meaning="enhanced primary care capitation; left out: taken with PCC",
        unit="true or false",
        source=_CHOICE,
        grade="user",
    )
    administrative_add_on: bool = _elected("count on the administrative add-on; it is paid where due all the same")
    provisional_settlement: bool = _elected("a provisional settlement ahead of the final one")
    part_b_cost_sharing_support: bool = _elected("pay Part B cost sharing for designated services")
    part_d_buydown: bool = _elected("pay Part D premiums in part or in full")
    prevention_reward: bool = _elected("Chronic Disease Prevention Reward")
    medical_nutrition_therapy: bool = _elected(
        "Medical Nutrition Therapy for more conditions; counts under Global alone"
    )
    substance_access: bool = _elected("Substance Access incentive (hemp products, where legal)")
    npcc_providers: Providers = _covered("non-primary care capitation")
    apo_providers: Providers = _covered("the Advanced Payment Option")
    cara_providers: Providers = _covered("an episode arrangement")
    tcc_share: float = _share(0.40, "total care capitation", low=0.20, high=0.60)
    npcc_share: float = _share(0.10, "non-primary care capitation", low=0.05, high=0.20)
    apo_share: float = _share(0.10, "the Advanced Payment Option", low=0.05, high=0.20)
    lead_global: GlobalElections | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_shared_savings_keys(cls, given: Any) -> Any:
        for key in given if isinstance(given, dict) else ():
            if key in SHARED_SAVINGS_KEYS:
                source = SHARED_SAVINGS_KEYS[key]
                reject(f"elections.{key}", f"belongs to the Shared Savings Program, not to LEAD ({source})")
        return given

    def under(self, contract: str) -> Elected:
        """Return what is elected under one contract; ``cara`` stands in the scenario's own table and is left at false.

        Examples
        --------
        >>> both = Elections(lead_global=GlobalElections(capitation="tcc"), medical_nutrition_therapy=True)
        >>> both.under("lead_global").capitation, both.under("lead_professional").capitation
        ('tcc', 'pcc')
        >>> both.under("lead_professional").medical_nutrition_therapy
        False
        """
        chosen = {name: getattr(self, name) for name in Elected._fields if name != "cara"}
        if contract != "lead_global":
            chosen["medical_nutrition_therapy"] = False
        elif self.lead_global is not None and self.lead_global.capitation is not None:
            chosen["capitation"] = self.lead_global.capitation
        return Elected(**chosen)

    def reject_contradictions(
        self,
        contracts: Sequence[str],
        *,
        cara: bool,
        last_year: int,
        spending_class: SpendingClass | None,
        rural: bool = False,
    ) -> None:
        """Refuse the scenario if elections contradict each other or a LEAD contract it names.

        What only Global may take beside its capitation counts under Global alone, and is refused where the
        scenario names no Global.

        Parameters
        ----------
        contracts
            Names of the contracts to settle.
        cara
            Whether episode arrangements are elected.
        rural
            Whether the ACO gets the add-on as a rural one.
        """
        if self.npcc and self.apo and self.npcc_share + self.apo_share > 1.0:
            total = self.npcc_share + self.apo_share
            reject("elections.apo_share", f"npcc_share and apo_share must sum to at most 1, got {total:g}")
        for contract, option in _OPTIONS.items():
            if contract not in contracts:
                continue
            elected = self.under(contract)
            if contract == "lead_global" or "lead_global" not in contracts:
                elected = elected._replace(cara=cara, medical_nutrition_therapy=self.medical_nutrition_therapy)
            found = check_elections(
                elected, option=option, last_year=last_year, spending_class=spending_class, rural=rural
            )
            messages = [(self._key(one.key, contract), f"{one.problem} ({self._cure(one, contract)})") for one in found]
            if messages:
                key, first = messages[0]
                reject(key, "\n".join((first, *(f"{other}: {message}" for other, message in messages[1:]))))

    def _key(self, name: str, contract: str) -> str:
        if name == "cara":
            return "cara.elected"
        under_global = name == "capitation" and contract == "lead_global" and self.lead_global is not None
        return f"elections.lead_global.{name}" if under_global else f"elections.{name}"

    @staticmethod
    def _cure(one: Contradiction, contract: str) -> str:
        if contract == "lead_professional" and one.key == "capitation":
            return f'{one.cure}; write capitation = "tcc" under [elections.lead_global]'
        return one.cure
