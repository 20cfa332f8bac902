"""`leadrisk settle`: read, check, settle and print one case. One module a programme, under one dispatcher."""

from __future__ import annotations

from leadrisk.contract.case.explain import explain_case
from leadrisk.contract.case.settle import settle_case

__all__ = ["explain_case", "settle_case"]
