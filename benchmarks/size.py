"""How large the environment of the app is, and what of it is CUDA.

    python benchmarks/size.py

Sums the files that each package of requirements.lock installed into this environment (their RECORD), without what Python
compiles of them. Where this torch is the build with CUDA, the CPU's is that build without its CUDA libraries and without the
packages of CUDA and Triton: what the container gets.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from install import CUDA, LOCK, entries  # noqa: E402

LIBRARY = re.compile(r"torch/lib/lib\w*(cuda|nvrtc|nvshmem|cudnn|cupti|nccl)\w*\.so", flags=re.I)


def main() -> None:
    sizes, cuda = {}, {}
    for name, _ in entries(LOCK.read_text()):
        try:
            files = {str(file): Path(file.locate()) for file in distribution(name).files or () if file.suffix != ".pyc"}
        except PackageNotFoundError:  # of another system
            continue
        known = {where: path.stat().st_size for where, path in files.items() if path.is_file()}
        sizes[name] = sum(known.values())
        cuda[name] = sizes[name] if CUDA.fullmatch(name) else sum(size for where, size in known.items() if LIBRARY.search(where))
    whole, lean = sum(sizes.values()), sum(sizes.values()) - sum(cuda.values())
    print(f"{len(sizes)} packages, {whole / 1e9:.2f} GB; without CUDA {lean / 1e9:.2f} GB")
    for name in sorted(sizes, key=lambda name: cuda[name] - sizes[name])[:15]:
        beside = f" and {cuda[name] / 1e6:.0f} MB of CUDA" if cuda[name] else ""
        print(f"  {name}: {(sizes[name] - cuda[name]) / 1e6:.0f} MB{beside}")


if __name__ == "__main__":
    main()
