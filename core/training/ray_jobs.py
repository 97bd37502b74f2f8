"""Runs on a Ray cluster instead of on this machine: ``launch``'s other back end, where RAY_ADDRESS is set.

The runs folder lies where all machines see it, on a file system with locks (NFS 4, Lustre, EFS). So a run on the cluster is the
same process (``core.training.child``) with the same folder and the same lock, and stands where its folder says. Ray queues it
until there is a machine for it. A process here waits for its end, as the worker of the queue does, so that a job which ended
without a word says so.

    python -m core.training.ray_jobs ROOM NAME     wait for a job's end
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import ray_cluster
from core.training import queue, records, runs
from core.training.state import FINISHED, LAUNCH, LOCK, LOG, OUTCOME, QUEUED, State, every, place

if TYPE_CHECKING:
    from ray.job_submission import JobSubmissionClient

JOB, WATCHED = "ray.json", ".ray.lock"
RAY = "ray"
LOOK, LOST = 1.0, 600.0  # s between two looks at a job, and until a cluster that does not answer is given up
_OVER = ("SUCCEEDED", "FAILED", "STOPPED")


def is_on_ray(folder: Path) -> bool:
    """Whether the run was launched to a cluster."""
    with suppress(ValueError):
        return records.read(folder / LAUNCH).get("where") == RAY
    return False


def submit(room: str, name: str) -> None:
    """Hand a run that waits to the cluster, unless it has it, and have a process wait for its end.

    Raises:
        InputError: Ray is not installed.
    """
    ray_cluster.installed()
    folder = place(room, name)
    with records.held(folder / WATCHED) as mine:
        if not mine:
            return
        job = records.read(folder / JOB)
        if not _is_under_way(job):
            number = job.get("number", 0) + 1
            job = {"id": f"{room}-{name}-{number}-{int(time.time())}", "number": number, "address": os.environ["RAY_ADDRESS"]}
            try:
                client(job["address"]).submit_job(
                    entrypoint=_entrypoint(room, name, folder), submission_id=job["id"], runtime_env=_environment(),
                    metadata={"room": room, "run": name}, entrypoint_num_cpus=0 if runs.settings.job_gpus else 1,
                    entrypoint_num_gpus=runs.settings.job_gpus)
            except Exception as error:  # requests' and Ray's many: all mean that the cluster did not take it
                _over(folder, State.FAILED, f"The cluster did not take the run ({type(error).__name__}: {_line(error)}).")
                return
            records.write(folder / JOB, job)
    begin_to_watch(room, name)


def begin_to_watch(room: str, name: str) -> None:
    """A process of its own waits for the end of the job."""
    with (place(room, name) / LOG).open("a") as log:
        subprocess.Popen([sys.executable, "-m", "core.training.ray_jobs", room, name], env=queue.environment(),
                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)


def kill(folder: Path) -> None:
    """End the job at once."""
    job = records.read(folder / JOB)
    if job:
        with suppress(Exception):  # it is over, or nobody answers: what waits for its end says so
            client(job["address"]).stop_job(job["id"])


def reconcile() -> None:
    """At start-up: somebody waits for the end of each job."""
    for one in every():
        if one.state not in FINISHED and is_on_ray(one.folder) and os.environ.get("RAY_ADDRESS"):
            submit(one.room, one.name)


def watch(room: str, name: str) -> None:
    """Wait until the job is over, and say how it ended where its process could not."""
    folder, last = place(room, name), time.monotonic()
    with records.held(folder / WATCHED, 5.0) as mine:
        job = records.read(folder / JOB)
        while mine and job:
            found = _asked(job)
            if found is not None:
                last = time.monotonic()
                if str(found.status.value) in _OVER:
                    _settle(folder, found)
                    return
            elif time.monotonic() - last > LOST and not records.taken(folder / LOCK):
                _over(folder, State.INTERRUPTED, "The cluster does not answer. Resume goes on from the last whole epoch.")
                return
            time.sleep(LOOK)


def client(address: str) -> JobSubmissionClient:
    for key, value in ray_cluster.PATIENT.items():
        os.environ.setdefault(key, value)
    from ray.job_submission import JobSubmissionClient

    return JobSubmissionClient(os.environ.get("RAY_API_SERVER_ADDRESS") or address)


def _is_under_way(job: dict[str, Any]) -> bool:
    found = _asked(job) if job else None
    return found is not None and str(found.status.value) not in _OVER


def _asked(job: dict[str, Any]) -> Any:
    """What the cluster says of the job; None where it does not answer."""
    with suppress(Exception):
        return client(job["address"]).get_job_info(job["id"])
    return None


def _settle(folder: Path, found: Any) -> None:
    if (folder / OUTCOME).exists():
        return
    code = found.driver_exit_code
    if (folder / QUEUED).exists() and not records.taken(folder / LOCK):
        _over(folder, State.FAILED, f"The cluster could not start the run: {_line(found.message or found.status.value)}.")
    elif str(found.status.value) == "STOPPED" or code is None:
        queue.settle(folder, -9)
    else:
        queue.settle(folder, code if code < 128 else 128 - code)  # of a shell: 137 is SIGKILL


def _over(folder: Path, state: State, reason: str) -> None:
    records.write(folder / OUTCOME, {"state": state, "reason": reason})
    (folder / QUEUED).unlink(missing_ok=True)


def _line(said: object) -> str:
    return next((line.strip() for line in str(said).splitlines() if line.strip()), "no word of why").rstrip(".")[:300]


def _entrypoint(room: str, name: str, folder: Path) -> str:
    python = shlex.quote(sys.executable) if ray_cluster.is_here() else "python"
    return f"exec {python} -m core.training.child {room} {name} >> {shlex.quote(str(folder / LOG))} 2>&1"


def _environment() -> dict[str, Any]:
    code = ray_cluster.code()
    runs_folder = {"CARDIOSCOPE_RUNS": queue.environment()["CARDIOSCOPE_RUNS"]}
    return code | {"env_vars": {**code["env_vars"], **runs_folder}}


if __name__ == "__main__":
    watch(*sys.argv[1:])
