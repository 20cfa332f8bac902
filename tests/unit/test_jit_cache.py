"""The cache of compiled kernels saves time and never costs a run."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from leadrisk.experience import _jit

TOY = """
from leadrisk.experience._jit import cache_directory, kernel

@kernel
def twice(x):
    return 2.0 * x

@kernel
def four_times(x):
    return twice(twice(x))
"""
USE = "import toy; print(toy.four_times(1.5), toy.cache_directory(), sum(toy.four_times.stats.cache_hits.values()))"


def use_toy(folder, *, before="", after="", limit=None, **environment):
    """Run the kernels of a module in a process of its own; gives result, cache directory and hits."""
    if not (folder / "toy.py").exists() or not before:
        partial = Path(tempfile.mkstemp(dir=folder)[1])
        partial.write_text(TOY + after)
        partial.rename(folder / "toy.py")
    kept = {key: value for key, value in os.environ.items() if key not in {"LEADRISK_CACHE_DIR", "XDG_CACHE_HOME"}}
    done = subprocess.run(
        [sys.executable, "-B", "-c", before + USE],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(folder), **{key: str(value) for key, value in environment.items()}},
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=limit,
    )
    assert done.stderr == ""
    result, directory, hits = done.stdout.split()
    assert result == "6.0"
    return directory, int(hits)


def test_kernels_are_kept_and_found_again(tmp_path):
    first, none = use_toy(tmp_path, LEADRISK_CACHE_DIR=tmp_path / "cache")
    second, hits = use_toy(tmp_path, LEADRISK_CACHE_DIR=tmp_path / "cache")
    assert first == second
    assert first.startswith(str(tmp_path / "cache" / "leadrisk"))
    assert (none, hits) == (0, 1)


def test_an_installation_at_another_place_finds_them(tmp_path):
    """Such as a copy on the disk of each node, that shares the cache."""
    for place in ("here/toys", "there/toys"):
        (tmp_path / place).mkdir(parents=True)
    first, _ = use_toy(tmp_path / "here" / "toys", LEADRISK_CACHE_DIR=tmp_path / "cache")
    second, hits = use_toy(tmp_path / "there" / "toys", LEADRISK_CACHE_DIR=tmp_path / "cache")
    assert (first, 1) == (second, hits)


def test_processors_and_versions_do_not_share_a_directory(tmp_path, monkeypatch):
    def directory():
        _jit.cache_directory.cache_clear()
        return _jit.cache_directory()

    monkeypatch.setenv("LEADRISK_CACHE_DIR", str(tmp_path))
    found = [directory()]
    for change in ("config.CPU_NAME", "config.CPU_FEATURES", "__version__"):
        with monkeypatch.context() as patch:
            patch.setattr(f"numba.{change}", "other")
            found.append(directory())
    with monkeypatch.context() as patch:
        patch.setattr("llvmlite.binding.get_host_cpu_name", lambda: "another")
        found.append(directory())
    assert len(set(found)) == len(found)
    assert found[0] == directory()
    _jit.cache_directory.cache_clear()


def test_the_processor_set_for_numba_names_another_directory(tmp_path):
    ours, _ = use_toy(tmp_path, LEADRISK_CACHE_DIR=tmp_path / "cache")
    generic, hits = use_toy(tmp_path, LEADRISK_CACHE_DIR=tmp_path / "cache", NUMBA_CPU_NAME="generic")
    assert generic != ours
    assert hits == 0


def test_a_full_disk_costs_a_compilation(tmp_path):
    def nothing_fits():
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))

    cache = tmp_path / "cache"
    _, hits = use_toy(tmp_path, limit=nothing_fits, LEADRISK_CACHE_DIR=cache)
    assert hits == 0
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_cache_that_cannot_be_written_any_more_is_read(tmp_path):
    def nothing_fits():
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    cache = tmp_path / "cache"
    first, _ = use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)
    refusing = "import tempfile\ndef refuse(**_): raise OSError(30, 'Read-only file system')\n"
    refusing += "tempfile.TemporaryFile = refuse\n"
    assert use_toy(tmp_path, before=refusing, limit=nothing_fits, LEADRISK_CACHE_DIR=cache) == (first, 1)
    assert use_toy(tmp_path, before=refusing, LEADRISK_CACHE_DIR=tmp_path / "other") == ("None", 0)


def test_processes_that_compile_at_once_leave_a_whole_cache(tmp_path):
    cache = tmp_path / "cache"
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda _: use_toy(tmp_path, LEADRISK_CACHE_DIR=cache), range(3)))
    (directory,) = {directory for directory, _ in found}
    assert use_toy(tmp_path, LEADRISK_CACHE_DIR=cache) == (directory, 1)
    assert not list(cache.rglob("*.tmp.*"))


def test_a_changed_bit_is_noticed(tmp_path):
    cache = tmp_path / "cache"
    use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)
    (path,) = cache.rglob("toy.four_times-*.nbc")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)[1] == 0
    assert use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)[1] == 1


@pytest.mark.parametrize("content", [b"", b"\x80\x04N.", b"no pickle", b"\x80\x05\x8c\x05wrong\x94."])
@pytest.mark.parametrize("kind", ["*.nbi", "*.nbc"])
def test_files_of_something_else_are_written_anew(monkeypatch, tmp_path, kind, content):
    monkeypatch.setattr(_jit, "cache_directory", lambda: str(tmp_path))
    assert _jit.kernel(_toy_function)(3.0) == 3.0
    for path in tmp_path.rglob(kind):
        path.write_bytes(content)
    for hits in (0, 1):
        again = _jit.kernel(_toy_function)
        assert again(3.0) == 3.0
        assert sum(again.stats.cache_hits.values()) == hits


def test_code_of_another_signature_under_the_same_name_is_not_run(monkeypatch, tmp_path):
    """Two processes that save different signatures at once may leave one's index beside the other's code."""
    monkeypatch.setattr(_jit, "cache_directory", lambda: str(tmp_path))
    kernel = _jit.kernel(_toy_function)
    assert (kernel(3.0), kernel(4)) == (3.0, 4)
    first, second = sorted(tmp_path.rglob("*.nbc"))
    second.write_bytes(first.read_bytes())
    again = _jit.kernel(_toy_function)
    assert (again(3.0), again(4)) == (3.0, 4)
    assert sum(again.stats.cache_hits.values()) == 1
    whole = _jit.kernel(_toy_function)
    assert (whole(3.0), whole(4)) == (3.0, 4)
    assert sum(whole.stats.cache_hits.values()) == 2


def test_dates_of_sources_do_not_matter_and_their_content_does(tmp_path):
    cache = tmp_path / "cache"
    use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)
    assert use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)[1] == 1  # written anew by use_toy, with another date
    assert use_toy(tmp_path, after="\nUNUSED = 1\n", LEADRISK_CACHE_DIR=cache)[1] == 0


@pytest.mark.parametrize("kind", ["*.nbi", "*.nbc"])
def test_files_cut_short_are_written_anew(tmp_path, kind):
    cache = tmp_path / "cache"
    use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)
    for path in cache.rglob(kind):
        path.write_bytes(path.read_bytes()[:20])
    assert use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)[1] == 0
    assert use_toy(tmp_path, LEADRISK_CACHE_DIR=cache)[1] == 1


def test_without_a_directory_nothing_is_written_beside_the_source(tmp_path):
    (tmp_path / "file").write_text("")
    assert use_toy(tmp_path, LEADRISK_CACHE_DIR=tmp_path / "file") == ("None", 0)
    assert not (tmp_path / "__pycache__").exists()


def test_a_directory_lost_after_it_was_tried_is_not_replaced_by_numba(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(_jit, "cache_directory", lambda: str(tmp_path / "file"))
    kernel = _jit.kernel(_toy_function)
    assert kernel(3.0) == 3.0
    assert kernel.stats.cache_path.startswith(str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == ""


def _toy_function(x):
    return x


def test_a_user_without_a_home_compiles_in_memory(monkeypatch):
    def homeless():
        message = "Could not determine home directory."
        raise RuntimeError(message)

    for key in ("LEADRISK_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    _jit.cache_directory.cache_clear()
    assert _jit.cache_directory() is None
    assert _jit.kernel(_toy_function)(3.0) == 3.0
    _jit.cache_directory.cache_clear()
