from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from functools import partial

import pytest

import cluster_tasks
from leadrisk.errors import InputError, LeadriskError
from leadrisk.run import dask_clusters
from leadrisk.run.choose_executor import chosen_executor
from leadrisk.run.dask_clusters import existing_cluster
from leadrisk.run.same_code import code
from leadrisk.run.tls_files import TlsFiles


@contextmanager
def scheduler_and_worker(folder, *arguments):
    """Two programs as somebody would start them by hand; gives the address and the scheduler's process."""
    file = folder / "scheduler.json"
    common = ["--host", "127.0.0.1", *arguments, "--scheduler-file", str(file)]
    programs = {
        "dask_scheduler": ["--port", "0", "--dashboard-address", "127.0.0.1:0"],
        "dask_worker": ["--nthreads", "1", "--no-dashboard"],
    }
    scheduler, worker = (
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{program}", *own, *common],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for program, own in programs.items()
    )
    try:
        for _ in range(300):
            if file.exists() and file.read_text().rstrip().endswith("}"):
                break
            time.sleep(0.1)
        yield json.loads(file.read_text())["address"], scheduler
    finally:
        for process in (worker, scheduler):
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    security = pytest.importorskip("distributed").Security.temporary()
    folder = tmp_path_factory.mktemp("certificates")
    for name, text in {
        "ca": security.tls_ca_file,
        "cert": security.tls_worker_cert,
        "key": security.tls_worker_key,
    }.items():
        (folder / f"{name}.pem").write_text(text)
    (folder / "tls.toml").write_text('ca = "ca.pem"\ncert = "cert.pem"\nkey = "key.pem"\n')
    return folder


@pytest.mark.cluster
def test_tls_from_a_file_of_certificates(certificates, tmp_path, import_path):
    names = {"--tls-ca-file": "ca.pem", "--tls-cert": "cert.pem", "--tls-key": "key.pem"}
    options = [part for option, name in names.items() for part in (option, str(certificates / name))]
    with scheduler_and_worker(tmp_path, "--protocol", "tls", *options) as (address, _):
        assert address.startswith("tls://127.0.0.1:")
        with chosen_executor(scheduler=address, tls=certificates / "tls.toml") as executor:
            assert executor.map(cluster_tasks.square, range(20)) == [number**2 for number in range(20)]
            assert executor.slots == 1


@pytest.mark.cluster
def test_other_code_is_refused_and_shown(tmp_path, import_path, monkeypatch):
    with scheduler_and_worker(tmp_path) as (address, _):
        other = {**code(), "sources of leadrisk": "0123456789ab"}
        monkeypatch.setattr("leadrisk.run.same_code._code", lambda: other)
        with (
            pytest.raises(InputError, match="the scheduler runs other code: sources of leadrisk 0123456789ab here, "),
            existing_cluster(address),
        ):
            pass


@pytest.mark.cluster
def test_a_lost_scheduler_is_told(tmp_path, import_path):
    with scheduler_and_worker(tmp_path) as (address, scheduler), existing_cluster(address) as executor:
        executor.map(cluster_tasks.square, range(5))
        executor._client._timeout = 2.0  # seconds of looking for the scheduler again
        threading.Timer(2.0, os.kill, (scheduler.pid, signal.SIGKILL)).start()
        with pytest.raises(LeadriskError, match=r"the connection to the scheduler is lost: .* --resume"):
            executor.map(partial(cluster_tasks.slow_square, seconds=0.2), range(500))


def test_nobody_answers(monkeypatch):
    monkeypatch.setattr(dask_clusters, "_CONNECT_S", 1.0)
    with (
        pytest.raises(LeadriskError, match="nobody listens at tcp://127"),
        existing_cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_a_host_that_does_not_exist_is_told_at_once(monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(dask_clusters.socket, "create_connection", unknown)
    with (
        pytest.raises(InputError, match="--scheduler: there is no host head: Name or service not known"),
        existing_cluster("tcp://head:8786", insecure=True),
    ):
        pass


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"scheduler": "tcp://10.0.0.1:8786"},
            r"^--scheduler: tcp:// to another .* \(start the scheduler with TLS",
        ),
        ({"scheduler": "tcp://localhost.example.org:8786"}, "neither encrypted nor authenticated"),
        ({"scheduler": "tcp://0.0.0.0:8786"}, "neither encrypted nor authenticated"),
        ({"scheduler": "10.0.0.1:8786"}, "must be tls://HOST:PORT"),
        ({"scheduler": "ucx://10.0.0.1:8786"}, "must be tls://HOST:PORT"),
        ({"scheduler": "tcp://10.0.0.1"}, "must be tls://HOST:PORT"),
        ({"scheduler": "tls://10.0.0.1:8786"}, "needs certificates"),
        ({"workers": 2, "scheduler": "tcp://127.0.0.1:1"}, "^--scheduler: cannot be combined with --workers"),
        ({"workers": 2, "insecure": True}, "^--insecure: .* there is no --scheduler"),
    ],
)
def test_refused(options, message):
    with pytest.raises(InputError, match=message), chosen_executor(**options):
        pass


def test_a_deliberate_override_is_taken():
    dask_clusters.check_address("tcp://10.0.0.1:8786", tls=None, insecure=True)


def test_certificates_that_are_not_there_have_a_line(tmp_path):
    file = tmp_path / "tls.toml"
    file.write_text('ca = "ca.pem"\n\ncert = "cert.pem"\nkye = "key.pem"\n')
    with pytest.raises(InputError, match=rf'^{file}:4: kye: unknown key \(did you mean "key"\?\)$'):
        _enter(scheduler="tls://a:1", tls=file)
    file.write_text('ca = "tls.toml"\n\ncert = "cert.pem"\nkey = "key.pem"\n')
    with pytest.raises(InputError, match=rf"^{file}:3: cert: .*cert.pem cannot be read: No such file"):
        _enter(scheduler="tls://a:1", tls=file)


def test_own_certificates_serve_every_role(certificates):
    files = TlsFiles(**{name: str(certificates / f"{name}.pem") for name in ("ca", "cert", "key")})
    security = files.security()
    assert security.require_encryption
    assert security.get_tls_config_for_role("client")["key"] == files.key


def test_without_the_extra_there_is_a_cure(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r'needs distributed, .* \(pip install "leadrisk\[cluster\]"\)'):
        _enter(workers=2)


def _enter(**options):
    with chosen_executor(**options):
        pass
