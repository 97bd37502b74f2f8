"""Every knob once. Override with environment variables (CARDIOSCOPE_PORT=8080) or a .env file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CARDIOSCOPE_", env_file=".env", extra="ignore", frozen=True)

    host: str = "127.0.0.1"  # this machine alone; a container opens it
    port: int = 7860
    device: Literal["auto", "cpu", "mps", "cuda"] = "auto"
    threads: int = 1  # inference threads; one is fastest beside other work on two virtual cores
    weights: Path = ROOT / "weights"
    runs: Path = ROOT / "runs"  # checkpoints, tracking and caches of training
    data_roots: tuple[Path, ...] = (ROOT / "data", ROOT / "runs")  # training on the page reads datasets below these alone (JSON)
    launcher: str = ""  # starts a training in place of Python, on several devices: "accelerate launch --config_file fsdp.yaml"
    admin_token: SecretStr | None = None  # who has it may train where the app is open to others
    sweeps: SecretStr | None = None  # database of the sweeps, such as postgresql://...; None: SQLite below the runs folder
    job_gpus: int = 0  # GPUs that a run takes on a Ray cluster
    ask_first: bool = True  # three questions before the first use of the pages; programs are never asked
    plugins: bool = False  # encoders that others trained, each behind one rule (core.plugins)
    text_encoder: str = "minilm"  # or a Hub id such as emilyalsentzer/Bio_ClinicalBERT
    max_upload_mb: int = 64  # one request, all files together
    max_unpacked_mb: int = 256  # what an archive may unpack to
    max_archive_files: int = 500
    max_duration_s: int = 600  # longest recording that is read


settings = Settings()
