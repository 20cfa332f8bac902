"""What listens is on this machine or encrypted; what travels are names of leadrisk's functions and plain data."""

from __future__ import annotations

import os
import pickle
import pickletools
import re
from functools import partial
from pathlib import Path

import pytest

import cluster_tasks
from leadrisk.errors import LeadriskError
from leadrisk.run import dask_executor
from leadrisk.run.dask_clusters import local_processes
from leadrisk.run.worker_task import call, packed

EVIL = {("builtins", name) for name in ("eval", "exec", "getattr")}
PLAIN = {"builtins", "functools", "collections", "datetime", "pathlib", "numpy", "copyreg", "_codecs"}
_STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}


def globals_of(message: bytes) -> set[tuple[str, str]]:
    """Every (module, name) that unpickling a message looks up, nested pickles in bytes included."""
    found: set[tuple[str, str]] = set()
    memo: dict[int, object] = {}
    recent: list[object] = []
    last: object = None
    for opcode, argument, _ in pickletools.genops(message):
        name = opcode.name
        if name in _STRINGS:
            last = argument
            recent.append(argument)
        elif name == "MEMOIZE":
            memo[len(memo)] = last
        elif name in {"BINPUT", "LONG_BINPUT"}:
            memo[argument] = last
        elif name in {"BINGET", "LONG_BINGET"}:
            last = memo.get(argument)
            recent.append(last)
        elif name == "STACK_GLOBAL":
            module, attribute = recent[-2:]
            assert isinstance(module, str)
            assert isinstance(attribute, str)
            found.add((module, attribute))
            last = None
        elif name == "GLOBAL":
            found.add(tuple(argument.split(" ", 1)))
            last = None
        elif name in {"SHORT_BINBYTES", "BINBYTES", "BINBYTES8"}:
            last = None
            if argument[:1] == b"\x80":
                found |= globals_of(argument)
        else:
            last = None
    return found


def foreign(message: bytes, *, own: tuple[str, ...] = ("leadrisk",)) -> set[tuple[str, str]]:
    found = globals_of(message)
    return (found & EVIL) | {place for place in found if place[0].partition(".")[0] not in {*own, *PLAIN}}


def test_the_walk_finds_what_does_not_belong():
    assert globals_of(pickle.dumps(partial(os.path.join, "a"))) == {("functools", "partial"), ("posixpath", "join")}
    assert foreign(pickle.dumps(os.system)) == {("posix", "system")}
    assert foreign(pickle.dumps(eval)) == {("builtins", "eval")}
    assert foreign(pickle.dumps([os.system, pickle.dumps(os.system)])) == {("posix", "system")}
    nested = pickle.dumps({"a": pickle.dumps(os.system)})
    assert foreign(nested) == {("posix", "system")}


def test_messages_name_functions_and_hold_plain_data():
    for function, item in ((partial(cluster_tasks.slow_square, seconds=0.1), 3), (dask_executor._window, (1, 2))):
        message = pickle.dumps((call, packed(function), item))
        assert ("leadrisk.run.worker_task", "call") in globals_of(message)
        assert foreign(message, own=("leadrisk", "cluster_tasks")) == set()


def test_what_dask_is_given_is_that_message(monkeypatch):
    given = []

    class Client:
        status = "running"

        def map(self, function, items, **_):
            given.append(pickle.dumps((function, list(items))))
            message = "enough"
            raise LeadriskError(message)

        def cancel(self, *_, **__): ...

        def run(self, *_, **__):
            return {}

    with pytest.raises(LeadriskError, match="enough"):
        dask_executor.DaskExecutor(Client()).map(dask_executor._window, [(1, 2)])
    assert globals_of(given[0]) == {
        ("functools", "partial"),
        ("leadrisk.run.worker_task", "call"),
        ("leadrisk.run.dask_executor", "_window"),
    }


def test_code_itself_never_travels():
    with pytest.raises(LeadriskError, match="a function of a module"):
        packed(lambda number: number)

    def inner(number):
        return number

    with pytest.raises(LeadriskError, match="a function of a module"):
        packed(inner)


def listening(pids: set[int]) -> set[str]:
    """Addresses on which processes listen, as the kernel lists them."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            if link.is_symlink() and (found := re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))):
                inodes.add(found[1])
    addresses = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A" and parts[9] in inodes:
                addresses.add(parts[1].partition(":")[0])
    return addresses


def descendants(pid: int) -> set[int]:
    children = {
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    }
    return {pid}.union(*(descendants(child) for child in children))


def test_local_processes_listen_on_this_machine_only_and_encrypted():
    with local_processes(1) as executor:
        assert executor.map(cluster_tasks.square, [2]) == [4]
        client = executor._client
        addresses = [client.scheduler.address, *client.nthreads()]
        assert all(address.startswith("tls://127.0.0.1:") for address in addresses)
        found = listening(descendants(os.getpid()))
        if not found:
            pytest.skip("the kernel does not list sockets here")
        assert found <= {"0100007F", "00000000000000000000000001000000"}
