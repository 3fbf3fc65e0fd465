"""How a replay cuts its range into chunks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jst.control.replay_progress import count
from jst.flow.replay.kafka_replay import RECORDS_AT_ONCE, next_chunk, without
from jst.model.plan import Offsets

RANGES = st.dictionaries(
    st.integers(0, 11),
    st.tuples(st.integers(0, 10_000), st.integers(1, 40_000)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=6,
)


@given(RANGES)
def test_chunks_cover_the_range_once_and_in_order(whole: Offsets) -> None:
    left, covered = dict(whole), {partition: first for partition, (first, _) in whole.items()}
    while left:
        chunk = next_chunk(left)
        assert 0 < count(chunk) <= RECORDS_AT_ONCE
        for partition, (first, end) in chunk.items():
            assert first == covered[partition] < end
            covered[partition] = end
        left = without(left, chunk)
    assert covered == {partition: end for partition, (_, end) in whole.items()}
