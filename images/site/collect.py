"""Copies the assets under names that hold a hash of their content, as front-end builds do."""

import hashlib
from pathlib import Path

BUILT = Path("built")

BUILT.mkdir(exist_ok=True)
for source in sorted(Path("assets").iterdir()):
    content = source.read_bytes()
    name = f"{source.stem}.{hashlib.sha256(content).hexdigest()[:12]}{source.suffix}"
    (BUILT / name).write_bytes(content)
