"""What a cut of the network is held to: it flows again, and both sides have said what was the matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.partitions.outcome import Logs, Outcome


def test_only_what_is_said_after_the_cut_counts_and_without_its_time(tmp_path: Path) -> None:
    log = tmp_path / "load_sale_out.log"
    log.write_text("2026-11-30 22:10:00,123 Kafka 不可用：昨天的\n", "utf-8")
    logs = Logs([log, tmp_path / "not_there.log"])
    assert logs.said("Kafka") == ""
    with log.open("a") as out:
        out.write("2026-11-30 22:11:00,123 别的\n2026-11-30 22:11:01,456 Kafka 不可用：今天的\n")
    assert logs.said("Kafka") == "Kafka 不可用：今天的"


@pytest.mark.parametrize(
    ("here", "there", "problems", "good"),
    [
        ("说了", "说了", [], True),
        ("", "说了", [], False),
        ("说了", "", [], False),
        ("说了", "说了", ["丢失 1 条"], False),
    ],
)
def test_a_cut_is_good_when_both_sides_have_spoken_and_nothing_is_wrong(
    here: str, there: str, problems: list[str], good: bool
) -> None:
    outcome = Outcome(
        "kafka", "机器与Kafka之间", {"恢复后 sale_out": 3.25, "恢复后 inventory": None}, here, there, problems
    )
    assert outcome.good is good
    first, *rest = outcome.lines()
    assert first.startswith("✓" if good else "✗")
    assert "恢复后 sale_out 3.2，恢复后 inventory – 秒" in first
    assert [line.strip() for line in rest if "✗" in line] == [f"✗ {problem}" for problem in problems]
