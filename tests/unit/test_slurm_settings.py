from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from distributed.security import Security

from leadrisk.errors import InputError
from leadrisk.run.slurm_settings import SlurmSettings, job_options, read_slurm

EXAMPLE = Path(__file__).resolve().parents[2] / "scenarios" / "cluster" / "slurm.toml"
LEAST = 'jobs = 4\ncores = 8\nmemory = "16 GB"\nwalltime = "04:00:00"\n'


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "slurm.toml"
        path.write_text(text)
        return path

    return write


def test_the_example_is_valid_and_names_every_key():
    read_slurm(EXAMPLE)
    text = EXAMPLE.read_text(encoding="utf-8")
    assert [key for key in SlurmSettings.model_fields if key not in text] == []


def test_nothing_is_left_to_configuration_files(file):
    options = job_options(read_slurm(file(LEAST)))
    assert (options["cores"], options["processes"], options["job_cpu"]) == (8, 8, 8)
    assert options["job_script_prologue"] == []
    assert options["job_extra_directives"] == []
    assert options["python"] == shlex.quote(sys.executable)
    fewer = job_options(read_slurm(file(LEAST + "processes = 2\n")))
    assert (fewer["cores"], fewer["processes"], fewer["job_cpu"]) == (2, 2, 8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cores = 1", "jobs: is missing (add jobs = ..., jobs that run at once)"),
        (LEAST + "queue = 'a'", "5: queue: unknown key (valid keys here: jobs, cores, "),
        (LEAST + "partitoin = 'a'", '5: partitoin: unknown key (did you mean "partition"?)'),
        (LEAST.replace("4\n", "'4'\n", 1), '1: jobs: must be a whole number, got the text "4"'),
        (LEAST.replace("16 GB", "16"), '3: memory: must be a number and KB, MB, GB or TB, got "16" (write "16 GB")'),
        (LEAST.replace("04:00:00", "4h"), '4: walltime: must be minutes, H:MM:SS or D-HH:MM:SS, above zero, got "4h"'),
        (LEAST.replace("04:00:00", "00:00:00"), "above zero, got "),
        (LEAST.replace("16 GB", "0 GB"), '3: memory: must be at least 64 MB, got "0 GB" (write "16 GB")'),
        (LEAST + 'local_directory = "/my tmp"', '5: local_directory: must be a path without blanks, such as "/tmp"'),
        (LEAST + "processes = 9", "5: processes: must be at most cores = 8, got 9"),
        (LEAST + "\ndirectives = ['#SBATCH --x']", '6: directives: each must begin with "-", got "#SBATCH --x"'),
        (LEAST + 'partition = "a\\nrm -rf ~"', "5: partition: must be one word"),
        (LEAST + "account = '$(reboot)'", "5: account: must be one word"),
        (LEAST + 'prologue = ["one\\ntwo"]', "5: prologue[0]: must be one line"),
        (LEAST + 'log_directory = "my logs"', "5: log_directory: must lead to a path without blanks"),
        (LEAST + 'log_directory = "~nosuchuser/logs"', "5: log_directory: "),
        (
            LEAST + 'tls = "files"\n[certificates]\nca = "~nosuchuser/c"\ncert = "c"\nkey = "k"',
            "7: certificates.ca: ",
        ),
        (LEAST + 'tls = "off"', '5: tls: must be one of "temporary", "files", "none", got the text "off"'),
        (LEAST + 'tls = "files"', '5: tls: tls = "files" and a table [certificates] go together'),
        (
            LEAST + 'tls = "files"\n[certificates]\nca = "no.pem"\ncert = "no.pem"\nkey = "no.pem"',
            "/no.pem cannot be read: No such file or directory (name a PEM file)",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_line(file, text, message):
    path = file(text)
    with pytest.raises(InputError) as caught:
        read_slurm(path)
    assert str(caught.value).splitlines()[0].startswith(str(path))
    assert message in str(caught.value).splitlines()[0]


def test_folders_are_taken_from_here_and_certificates_from_the_file(file, tmp_path, monkeypatch):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    path = file(LEAST + 'tls = "files"\ntls_directory = "~/mine"\n[certificates]\nca = "c"\ncert = "c"\nkey = "~/k"')
    made = Security.temporary()
    (path.parent / "c").write_text(made.tls_ca_file)
    (folder / "k").write_text(made.tls_worker_key)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    found = read_slurm(path)
    assert found.log_directory == str(folder / "slurm-logs")
    assert found.tls_directory == str(folder / "mine")
    assert found.certificates is not None
    assert (found.certificates.ca, found.certificates.key) == (str(path.parent / "c"), str(folder / "k"))
    (path.parent / "my c").write_text(made.tls_ca_file)
    path.write_text(path.read_text().replace('ca = "c"', 'ca = "my c"'))
    with pytest.raises(InputError, match=r"8: certificates\.ca: leads to .*my c.: blanks .* \(move the files\)"):
        read_slurm(path)
    path.write_text(path.read_text().replace('ca = "my c"', 'ca = "c"'))
    (folder / "k").write_text(Security.temporary().tls_worker_key)
    with pytest.raises(InputError, match=r"9: certificates\.cert: ca, cert and key do not go together"):
        read_slurm(path)
