"""Which Kafka the offsets in this control database mean: after a restore, or a move, it may be another one."""

from __future__ import annotations

import logging

from jst.control.database import Cursor, Database, one

log = logging.getLogger(__name__)


def follow_kafka(database: Database, cluster_id: str | None) -> int | None:
    """Note which Kafka is in use; returns how many plans are pulled again because it is another one than before, None
    when it is the same or does not say which it is (``cluster_id`` None).

    Offsets of the other one would mean other records, or none: what lay in it and was not loaded is planned again; its
    letters, which hold windows open all the same, give their places in the index free.
    """
    if cluster_id is None:
        return None

    def work(cur: Cursor) -> tuple[str, int] | None:
        cur.execute("INSERT INTO kafka_cluster (cluster_id) VALUES (%s) ON CONFLICT DO NOTHING", (cluster_id,))
        if cur.rowcount:
            return None
        cur.execute("SELECT cluster_id FROM kafka_cluster FOR UPDATE")
        (before,) = one(cur)
        if before == cluster_id:
            return None
        cur.execute("UPDATE kafka_cluster SET cluster_id = %s, since = clock_timestamp()", (cluster_id,))
        cur.execute(
            """UPDATE plan SET state = 'planned', updated_at = clock_timestamp(),
                      reason = 'Kafka 换成了另一个，重新拉取' WHERE state = 'pulled'"""
        )
        again = cur.rowcount
        cur.execute("UPDATE letter SET topic = topic || '@' || %s WHERE position('@' in topic) = 0", (before,))
        cur.execute("DELETE FROM letter_scan")
        cur.execute("DELETE FROM rebuild")
        return before, again

    changed = database.transaction(work)
    if changed is None:
        return None
    before, again = changed
    log.warning("Kafka 换成了另一个（%s → %s）：%d 个已拉取、未装载的计划重新拉取", before, cluster_id, again)
    return again
