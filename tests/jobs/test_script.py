"""The frame of a script: provenance, log, and how mistakes end."""

import errno
import logging
import os
import re
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from evoplast.artefacts.errors import UserError
from evoplast.configuration.settings import filled
from evoplast.jobs.script import job


@dataclass(frozen=True)
class Settings:
    eta: float = 1.0
    sizes: tuple[int, ...] = ()


@pytest.fixture
def snakemake(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    yield SimpleNamespace(
        rule="some_rule",
        threads=1,
        resources={"mem_mb": 1800},
        log=[str(tmp_path / "logs/some_rule.log")],
        wildcards={"run": "demo"},
        params=SimpleNamespace(settings={"seed": 3}, source="abc"),
    )
    logging.captureWarnings(False)
    root = logging.getLogger()
    for handler in root.handlers[:]:
        handler.close()
        root.removeHandler(handler)


def log_of(snakemake):
    with open(snakemake.log[0]) as handle:
        return handle.read()


def test_job_yields_what_made_its_results(snakemake):
    with job(snakemake) as provenance:
        assert provenance == {
            "rule": "some_rule",
            "wildcards": {"run": "demo"},
            "settings": {"seed": 3},
            "source": "abc",
        }


def test_mistake_of_the_user_ends_with_its_sentence_alone(snakemake):
    with pytest.raises(SystemExit) as ended, job(snakemake):
        raise UserError("network.nc is broken; delete it.")
    assert ended.value.code == 1
    assert log_of(snakemake) == "network.nc is broken; delete it.\n"


def test_other_errors_leave_their_traceback_in_the_log(snakemake):
    with pytest.raises(SystemExit), job(snakemake):
        raise RuntimeError("unforeseen")
    assert "some_rule failed" in log_of(snakemake)
    assert "RuntimeError: unforeseen" in log_of(snakemake)


@pytest.mark.parametrize(
    "error",
    [MemoryError("Unable to allocate 3 GiB"), RuntimeError("RESOURCE_EXHAUSTED")],
)
def test_memory_that_runs_out_is_said_with_what_was_planned(snakemake, error):
    with pytest.raises(SystemExit), job(snakemake):
        raise error
    said = log_of(snakemake)
    assert re.match(r"some_rule ran out of memory: it had \d+ MB and", said)
    assert str(error) in said and "plans 1800 MB" in said and "Traceback" not in said


def test_full_disk_is_a_sentence_wherever_it_is_met(snakemake):
    with pytest.raises(SystemExit), job(snakemake):
        raise OSError(errno.ENOSPC, "No space left on device", "some/file")
    assert log_of(snakemake).startswith("some/file could not be written (No space")


def test_import_that_fails_is_in_the_log(snakemake):
    with pytest.raises(SystemExit), job(snakemake):
        import evoplast.no_such_module  # noqa: F401
    assert "ModuleNotFoundError" in log_of(snakemake)


def test_log_that_cannot_be_written_is_one_sentence(snakemake, tmp_path):
    (tmp_path / "logs").write_text("a file where the folder should be")
    with pytest.raises(SystemExit, match=r"log .*some_rule.log cannot be written"):
        with job(snakemake):
            raise AssertionError("the job must not begin")


@pytest.mark.parametrize(("gpus", "platforms"), [(0, "cpu"), (1, None)])
def test_only_jobs_with_a_gpu_may_touch_it(snakemake, gpus, platforms):
    os.environ.pop("JAX_PLATFORMS", None)
    snakemake.resources["gpu"] = gpus
    with job(snakemake):
        assert os.environ.get("JAX_PLATFORMS") == platforms


def test_one_thread_keeps_xla_on_one_thread(snakemake):
    with job(snakemake):
        assert os.environ["NPROC"] == "1"
        assert "--xla_cpu_multi_thread_eigen=false" in os.environ["XLA_FLAGS"]


def test_settings_take_later_sections_first_and_freeze_lists():
    first, second = {"eta": 0.1, "other": 1}, {"eta": 0.2}
    assert filled(Settings, first, second, sizes=[1, 2]) == Settings(0.2, (1, 2))


def test_settings_never_fall_back_to_their_own_defaults():
    with pytest.raises(KeyError, match="sizes"):
        filled(Settings, {"eta": 0.1})
