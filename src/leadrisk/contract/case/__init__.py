"""`leadrisk settle`: read, check, settle and print one case. One module a programme, under one dispatcher."""

from __future__ import annotations

from leadrisk.contract.case.settle import settle_case

__all__ = ["settle_case"]
