"""A SLURM controller and one node on this machine, for the time of a test.

As root, with the packages slurm-wlm and munge of the distribution; without accounting,
GPUs and cgroups, on the loopback. All files lie in one folder, but for munge's key and
a link where every program of SLURM looks for its configuration.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")
# The plugin takes SLURM_CONF out of the environment of its jobs.
USUAL_PLACE = Path("/etc/slurm/slurm.conf")
MUNGE_PID = Path("/run/munge/munged.pid")
CPUS, MEMORY_MB = 2, 8000
CONFIGURATION = """
ClusterName=evoplast
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
SlurmdParameters=config_overrides
MinJobAge=300
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def why_not() -> str | None:
    """Return why no controller can be started here, None if one can."""
    if os.geteuid() != 0:
        return "a SLURM controller is started as root"
    if USUAL_PLACE.is_symlink() or USUAL_PLACE.exists():
        return f"{USUAL_PLACE} is here: this machine has a SLURM of its own"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return (
        f"{missing[0]} is not here: apt-get install slurm-wlm munge"
        if missing
        else None
    )


@contextmanager
def one_node(folder: Path) -> Iterator[None]:
    """Start munge, controller and node; stop all at the end."""
    host = socket.gethostname().partition(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    path = folder / "slurm.conf"
    values = {"host": host, "folder": folder, "cpus": CPUS, "memory": MEMORY_MB}
    path.write_text(CONFIGURATION.format(**values))
    own_munge = _start_munge()
    USUAL_PLACE.parent.mkdir(exist_ok=True)
    USUAL_PLACE.symlink_to(path)
    try:
        for command in (["slurmctld"], ["slurmd", "-N", host]):
            subprocess.run(command, check=True)
        _wait_until_idle()
        yield
    finally:
        subprocess.run(["scancel", "--user=root"], check=False)
        for name in ("slurmd", "slurmctld"):
            _stop(folder / f"{name}.pid")
        USUAL_PLACE.unlink()
        if own_munge:
            _stop(MUNGE_PID)


def _start_munge() -> bool:
    if subprocess.run("munge -n | unmunge", shell=True, capture_output=True).returncode:
        Path("/run/munge").mkdir(exist_ok=True)
        shutil.chown("/run/munge", "munge", "munge")
        command = ["runuser", "-u", "munge", "--", "munged", "--force"]
        subprocess.run(command, check=True, capture_output=True)
        return True
    return False


def _wait_until_idle() -> None:
    for _ in range(60):
        state = subprocess.run(
            ["sinfo", "--noheader", "--format=%t"],
            capture_output=True,
            text=True,
        )
        if state.stdout.strip() == "idle":
            return
        time.sleep(1)
    raise RuntimeError(f"The node does not become idle: {state.stdout}{state.stderr}")


def _stop(pid_file: Path) -> None:
    if pid_file.exists():
        pid = int(pid_file.read_text())
        subprocess.run(["kill", str(pid)], check=False)
        for _ in range(20):
            if not Path(f"/proc/{pid}").exists():
                return
            time.sleep(0.5)
