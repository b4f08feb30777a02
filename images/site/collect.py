"""Copies the assets under names that hold a hash of their content, as front-end builds do."""

import hashlib
from pathlib import Path

ASSETS = Path(__file__).with_name("assets")


def names() -> dict[Path, str]:
    return {source: hashed(source) for source in sorted(ASSETS.iterdir())}


def hashed(source: Path) -> str:
    return f"{source.stem}.{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}{source.suffix}"


if __name__ == "__main__":
    built = Path("built")
    built.mkdir(exist_ok=True)
    for asset, name in names().items():
        (built / name).write_bytes(asset.read_bytes())
