from core.contract import Input
from core.manifest import is_manifest, listed
from core.sixth.read import read


def studies(path):
    if is_manifest(path):
        yield from listed(path, read, lambda file: (file,))
    else:
        yield from (Input(file.name, (file,)) for file in (sorted(path.glob("*.csv")) if path.is_dir() else [path]))
