"""``leadrisk warmup``."""

from __future__ import annotations

import time

from rich.console import Console

from leadrisk.commands.options import AsJson, Flag, print_json


def warmup(*, check: Flag = False, as_json: AsJson = False) -> None:
    """Compile the simulation into the cache, so that no later command waits for it; for images and cluster nodes.

    Parameters
    ----------
    check
        Compile nothing; exit with 1 where the cache lacks what this version needs on this processor.
    as_json
        Print directory, kernels, bytes and seconds as JSON.
    """
    from leadrisk.experience.kernel_cache import read_list

    started = time.perf_counter()
    if not check:
        from leadrisk.run.warmup import warm_up

        warm_up()
    directory, kernels, size = read_list()
    elapsed = time.perf_counter() - started
    if as_json:
        print_json({"directory": str(directory), "kernels": kernels, "bytes": size, "elapsed_s": round(elapsed, 3)})
        return
    console = Console()
    took = "" if check else f" after {elapsed:.1f} s"
    console.print(
        f"{kernels} kernels, {size / 1e6:.1f} MB, are ready{took} in {directory}", soft_wrap=True, highlight=False
    )
