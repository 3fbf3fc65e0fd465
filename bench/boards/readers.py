"""People who ask, each with a connection of its own."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from clickhouse_driver.errors import ServerException

from bench.instruments.percentile import percentile

if TYPE_CHECKING:
    from bench.boards.filled_servers import FilledServers
    from bench.boards.questions import Asking


@dataclass(frozen=True, slots=True)
class Asked:
    """Milliseconds of every answer by question; ``cores``: core-seconds of the server by question, of one asking."""

    answers: Mapping[str, list[float]]
    cores: Mapping[str, float]
    seconds: float
    refused: int

    def __str__(self) -> str:
        answers = self._all()
        spent = sum(self.cores[name] * len(times) for name, times in self.answers.items()) / len(answers)
        return (
            f"每秒 {len(answers) / self.seconds:,.0f} 次，p50 {percentile(answers, 0.5):.0f}、"
            f"p95 {percentile(answers, 0.95):.0f}、p99 {percentile(answers, 0.99):.0f} 毫秒，"
            f"每次 {spent * 1000:.1f} 核毫秒，被拒 {self.refused} 次"
        )

    def lines(self) -> Iterator[str]:
        for name, times in self.answers.items():
            yield (
                f"{name}：p50 {percentile(times, 0.5):.0f}、p99 {percentile(times, 0.99):.0f} 毫秒，"
                f"{self.cores[name] * 1000:.1f} 核毫秒，{len(times)} 次"
            )

    def as_json(self) -> dict[str, object]:
        answers = self._all()
        return {
            "refused": self.refused,
            "per_second": round(len(answers) / self.seconds, 1),
            **{f"p{rank}_ms": round(percentile(answers, rank / 100), 1) for rank in (50, 95, 99)},
            "core_ms": {name: round(value * 1000, 2) for name, value in self.cores.items()},
            "p99_ms_by_question": {name: round(percentile(times, 0.99), 1) for name, times in self.answers.items()},
        }

    def _all(self) -> list[float]:
        return sorted(each for times in self.answers.values() for each in times)


class Crowd:
    """``people`` that ask ``questions`` as ``login``, each one every ``every`` seconds, or the next one as soon as the
    last is answered (0). ``often``: how much oftener than another a question is asked."""

    def __init__(
        self, servers: FilledServers, questions: Mapping[str, Asking], login: str, people: int, every: float,
        often: Mapping[str, float],
    ) -> None:  # fmt: skip
        self._servers, self._questions, self._login, self._people = servers, questions, login, people
        self._every, self._often = every, [often.get(name, 1.0) for name in questions]
        self._answers: dict[str, list[float]] = defaultdict(list)
        self._refused = Counter[str]()

    def ask(self, seconds: float) -> Asked:
        until = time.monotonic() + seconds
        people = [threading.Thread(target=self._person, args=(number, until)) for number in range(self._people)]
        began = time.monotonic()
        for person in people:
            person.start()
        for person in people:
            person.join()
        spent = time.monotonic() - began
        spent_by = self._servers.cost(self._login)
        cores = {name: spent_by.get(name, float("nan")) for name in self._questions}
        return Asked(dict(self._answers), cores, spent, self._refused.total())

    def _person(self, number: int, until: float) -> None:
        draw = random.Random(number)
        settings = {"log_comment": self._servers.viewer(number)} if self._login == "boards" else {}
        with self._servers.login(self._login) as client:
            client.execute("SELECT 1", settings=settings)
            due = time.monotonic() + draw.uniform(0, self._every)
            while due < until:
                time.sleep(max(0.0, due - time.monotonic()))
                (name,) = draw.choices(list(self._questions), self._often)
                began = time.monotonic()
                try:
                    asking = self._questions[name]
                    client.execute(asking.sql, asking.parameters, settings=settings, query_id=f"{name}|{uuid4().hex}")
                    self._answers[name].append((time.monotonic() - began) * 1000)
                except ServerException as refused:
                    self._refused[str(refused.code)] += 1
                due = max(time.monotonic(), due + self._every)
