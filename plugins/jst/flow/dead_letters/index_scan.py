"""Letters that reached Kafka and not the index: their producer was killed in between."""

from __future__ import annotations

import logging

from jst.control.letter_index import LetterEntry, LetterIndex
from jst.kafka.exact_reader import ExactReader
from jst.kafka.letter import letter_of
from jst.kafka.record import LETTERS, RawRecord
from jst.model.plan import Offsets

log = logging.getLogger(__name__)
OFFSETS_PER_STEP = 2_000


class LetterScan:
    """Compares the letter topic with the index, from where the last scan ended."""

    def __init__(self, reader: ExactReader, letters: LetterIndex) -> None:
        self._reader, self._letters = reader, letters

    def run(self) -> int:
        """Index what is missing; returns how many letters. What Kafka has already deleted is skipped and logged.

        Raises Retry when Kafka or the control database is away.
        """
        indexed, positions = 0, self._letters.scanned(LETTERS)
        bounds = self._reader.bounds(LETTERS)
        for partition, (low, _) in bounds.items():
            if positions.get(partition, low) < low:
                log.warning("%s 分区 %d 中 offset %d 之前的死信已被 Kafka 删除", LETTERS, partition, low)
        while step := _step(bounds, positions):
            records = self._reader.read(LETTERS, step, None)
            ends = {partition: end for partition, (_, end) in step.items()}
            found, without_plan = self._letters.found(LETTERS, _entries(records), ends)
            positions |= ends
            indexed += found
            if without_plan:
                log.warning("%d 条死信所属的计划不在控制库中，不登记：那些窗口会重新拉取", without_plan)
        if indexed:
            log.info("补登了 %d 条只在 Kafka 中的死信", indexed)
        return indexed


def _step(bounds: Offsets, positions: dict[int, int]) -> Offsets:
    """Return the next offsets of each partition; empty when all were read."""
    starts = {partition: max(low, positions.get(partition, low)) for partition, (low, _) in bounds.items()}
    return {
        partition: (start, min(bounds[partition][1], start + OFFSETS_PER_STEP))
        for partition, start in starts.items()
        if start < bounds[partition][1]
    }


def _entries(records: list[RawRecord]) -> list[LetterEntry]:
    entries = []
    for record in records:
        if (known := letter_of(record)) is not None:
            module, letter = known
            entries.append(
                LetterEntry(LETTERS, record.partition, record.offset, module, record.plan_id, record.attempt,
                            letter.page, letter.key, letter.reason, letter.cause, letter.identity)
            )  # fmt: skip
    return entries
