"""What hours of looks say: a table, and whether something grows that should not; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.soak.flatness import Course, Noise, Verdict, course
from bench.soak.keepers import keeper
from local.report import pad

Look = tuple[float, dict[str, float]]
"""Unix seconds, and name → value; a name that a look lacks was not there: 0."""
MB = 1024.0**2
_DAY = 24.0
_UNTOLD = 0.25 * MB
"""Bytes a size must have grown by to have a line of its own."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Values whose names begin with ``prefix``; shown in ``unit``. ``noise`` None: a count that may not rise at all."""

    prefix: str
    title: str
    unit: float
    digits: int
    noise: Noise | None


KINDS = (
    Kind("memory/", "内存 PSS（MB）", MB, 1, Noise(0.05, 8 * MB)),
    Kind("rss/", "内存 RSS，进程自己的（MB）", MB, 1, Noise(0.05, 8 * MB)),
    Kind("processes/", "进程数", 1, 0, Noise(0.2, 2)),
    Kind("files/", "打开的文件", 1, 0, Noise(0.1, 5)),
    Kind("sockets/", "打开的套接字", 1, 0, Noise(0.1, 5)),
    Kind("connections/", "PostgreSQL 连接", 1, 0, Noise(0.1, 4)),
    Kind("parts/", "ClickHouse 数据块", 1, 0, Noise(0.3, 30)),
    Kind("behind/", "完整水位落后（秒）", 1, 1, Noise(0.5, 10)),
    Kind("failed/", "失败", 1, 0, None),
    Kind("restarts/", "重启", 1, 0, None),
    Kind("size/", "大小（MB）", MB, 2, Noise(0.2, _UNTOLD)),
    Kind("rows/", "ClickHouse 行数", 1, 0, Noise(0.2, 1000)),
    Kind("logs/", "任务日志文件数", 1, 0, Noise(0.2, 100)),
)
_FREE = {"failed/重试"}
"""Counted, and not judged: a task that is tried again is how outages are survived."""


@dataclass(frozen=True, slots=True)
class Line:
    """One name. ``kept``: how long and who deletes it, of what grows by design; ``bad``: it grows and should not."""

    kind: Kind
    name: str
    course: Course
    kept: str
    bad: bool

    def __str__(self) -> str:
        kind, found = self.kind, self.course
        cells = [f"{value / kind.unit:,.{kind.digits}f}" for value in (found.first, found.last)]
        hourly = f"{found.per_hour / kind.unit:+,.{max(kind.digits, 1)}f}"
        says = f"{found.per_hour * _DAY / kind.unit:+,.0f} 每天；{self.kept}" if self.kept else str(found.verdict)
        mark = "✗" if self.bad else "✓"
        name = self.name.removeprefix(kind.prefix)
        return f"{mark} {pad(name, 44)}" + "".join(pad(cell, 14) for cell in (*cells, hourly)) + says


def judge(looks: Sequence[Look]) -> Iterator[Line]:
    """Yield a line for every name in the order of ``KINDS``; there must be two looks."""
    names = sorted({name for _, values in looks for name in values})
    for kind in KINDS:
        for name in (each for each in names if each.startswith(kind.prefix)):
            points = [(at, values.get(name, 0.0)) for at, values in looks]
            if kind.noise is None:
                yield _counted(kind, name, points)
                continue
            found, kept = course(points, kind.noise), keeper(name)
            yield Line(kind, name, found, kept, found.verdict is Verdict.GROWS and not kept)


def _counted(kind: Kind, name: str, points: Sequence[tuple[float, float]]) -> Line:
    (begin, first), (end, last) = points[0], points[-1]
    rises = last > first
    verdict = Verdict.GROWS if rises else Verdict.FLAT
    per_hour = (last - first) / (end - begin) * 3600
    return Line(kind, name, Course(first, last, per_hour, verdict), "", rises and name not in _FREE)


def table(lines: Sequence[Line]) -> Iterator[str]:
    """Say every line by kind; of sizes only those that grew or should not have, and the rest together."""
    for kind in KINDS:
        mine = [line for line in lines if line.kind is kind]
        told = [line for line in mine if kind.prefix != "size/" or line.bad or _moved(line)]
        if mine:
            columns = ("开头", "结尾", "每小时")
            yield ""
            yield pad(f"  {kind.title}", 46) + "".join(pad(each, 14) for each in columns)
            yield from map(str, told)
        if rest := len(mine) - len(told):
            yield f"✓ 其余 {rest} 项，各增长不到 {_UNTOLD / MB:g} MB"


def _moved(line: Line) -> bool:
    return abs(line.course.last - line.course.first) >= _UNTOLD
