"""When a pulled plan counts as proven, and how far everything is proven: parts of a transaction of Plans."""

from __future__ import annotations

from collections.abc import Sequence

from jst.control.database import Cursor


def settle(cur: Cursor, batches: Sequence[tuple[str, int]]) -> None:
    """pulled → proven, or open with its reason."""
    cur.execute(
        """UPDATE plan SET updated_at = clock_timestamp(),
                  state = CASE WHEN receipt.proof <> '' AND receipt.letters = 0 THEN 'proven' ELSE 'open' END,
                  reason = CASE WHEN receipt.letters > 0 THEN '死信 ' || receipt.letters || ' 条待处理'
                                ELSE receipt.reason END,
                  proven_at = CASE WHEN receipt.proof <> '' AND receipt.letters = 0 THEN clock_timestamp() END
           FROM receipt
           WHERE receipt.plan_id = plan.plan_id AND receipt.attempt = plan.attempt AND plan.state = 'pulled'
             AND (plan.plan_id, plan.attempt) IN %s""",
        (tuple(batches),),
    )


def follow(cur: Cursor, module: str) -> None:
    """Let the complete watermark follow: the read watermark, or where the oldest unproven plan begins."""
    # Without this lock first, two processes would each judge by what they saw before the other's change.
    cur.execute("SELECT FROM watermark WHERE module = %s AND kind = 'complete' FOR UPDATE", (module,))
    cur.execute(
        """UPDATE watermark SET value = fresh.value, reason = fresh.reason, updated_at = clock_timestamp()
           FROM (SELECT least(wm.value, oldest.since) AS value,
                        CASE WHEN oldest.since < wm.value THEN oldest.plan_id || ' ' || oldest.state
                             || CASE WHEN oldest.reason = '' THEN '' ELSE '：' || oldest.reason END
                             ELSE '' END AS reason
                 FROM watermark AS wm LEFT JOIN LATERAL
                      (SELECT plan_id, since, state, reason FROM plan
                       WHERE plan.module = %(module)s AND proven_at IS NULL AND field = 'modified' AND keys IS NULL
                       ORDER BY since LIMIT 1) AS oldest ON true
                 WHERE wm.module = %(module)s AND wm.kind = 'read') AS fresh
           WHERE module = %(module)s AND kind = 'complete'
             AND (watermark.value, watermark.reason) IS DISTINCT FROM (fresh.value, fresh.reason)""",
        {"module": module},
    )
