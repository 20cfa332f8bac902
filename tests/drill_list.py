"""The drills: what is broken on purpose, how often, and what comes of it.

The tests take their counts from here, the documentation its table; a drill's test is named ``test_`` and its key.
"""

from __future__ import annotations

from typing import NamedTuple


class Drill(NamedTuple):
    """One drill; whatever else comes of it, its run ends with the digest of an undisturbed one.

    Attributes
    ----------
    broken
        What, in words.
    times
        How often, in each run of the drill.
    outcome
        What the run does about it.
    runs
        Ways in which the drill is run, such as threads and processes.
    """

    broken: str
    times: int
    outcome: str
    runs: tuple[str, ...] = ("",)


THREADS_AND_PROCESSES = ("--threads", "--workers")

DRILLS = {
    "workers_killed": Drill(
        "a worker process is killed (SIGKILL)",
        20,
        "it is started again, its task is done again, the run ends by itself",
    ),
    "clients_killed": Drill(
        "the command is killed (SIGKILL): as it starts, between tasks, as it writes the report",
        4,
        "its processes end by themselves; `--resume` goes on",
        THREADS_AND_PROCESSES,
    ),
    "clients_stopped": Drill(
        "the command is stopped: Ctrl-C, SIGTERM, a terminal that is closed (SIGHUP)",
        3,
        "it says what is kept and ends with 1; `--resume` goes on",
    ),
    "nodes_and_scheduler_lost": Drill(
        "nodes of a Dask cluster are lost for good, in the end the scheduler",
        3,
        "the run waits for other nodes; without a scheduler it says so and ends with 1; "
        "`--resume` goes on with another",
    ),
    "files_damaged": Drill(
        "files of a run are damaged: one cut short, one with a bit flipped, one entry of the ledger garbled",
        3,
        "`--resume` does those three tasks again and no other",
        ("an unfinished run", "a complete run"),
    ),
    "disk_full": Drill(
        "the disk is full while tasks write",
        1,
        "one line says so, exit code 1, what is finished is kept; with more room `--resume` goes on",
        THREADS_AND_PROCESSES,
    ),
    "disk_full_at_the_report": Drill(
        "the disk is full as the report is written",
        1,
        "the same, and no task is done again",
    ),
    "clocks_wrong": Drill(
        "clocks are wrong, by ten years on workers, by twenty on the command; every second file is dated 1970 or 2106",
        4,
        "nothing: no decision goes by a clock",
    ),
    "two_commands": Drill(
        "a second command and leadrisk work start on a run that goes on; a command starts beside leadrisk work",
        3,
        "each is refused with 2, which names process and machine; the first goes on undisturbed",
    ),
    "something_else": Drill(
        "`--resume` with another ACO, seed or version of leadrisk",
        3,
        "refused with 2; the difference is shown and no file is touched",
    ),
    "jobs_cancelled": Drill(
        "SLURM jobs of `--slurm` are cancelled",
        3,
        "they are asked for again, the run ends by itself",
    ),
    "elements_lost": Drill(
        "elements of a SLURM job array: one is cancelled, one is put back into the queue, one meets its time limit",
        3,
        "`--resume` does what is missing",
    ),
    "array_script": Drill(
        "nothing: scenarios/cluster/array.sh from start to end",
        0,
        "prepared, done in three parts, completed",
    ),
    "sweeps_killed": Drill(
        "a sweep is killed (SIGKILL)",
        2,
        "`--resume` runs the cells that are missing",
    ),
}
