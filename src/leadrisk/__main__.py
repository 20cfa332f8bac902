"""Run the command line with ``python -m leadrisk``."""

from __future__ import annotations

from leadrisk.cli import main

if __name__ == "__main__":
    main()
