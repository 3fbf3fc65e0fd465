"""Decide when a pulled plan counts as proven, and what becomes of its letters: parts of a transaction of Plans."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jst.control.database import Cursor
from jst.model.plan import Plan, Receipt


def settle_batches(cur: Cursor, batches: Sequence[tuple[str, int]]) -> None:
    """Move pulled plans to proven, excepted, or open with its reason; of a re-drive plan, the plan whose letters it
    read again."""
    # A re-drive and the plan it is for are settled together: without these locks neither would see the other's end.
    cur.execute(
        """SELECT coalesce(redrives, plan_id) FROM plan WHERE plan_id IN (
               SELECT unnest(ARRAY[plan_id, coalesce(redrives, plan_id)]) FROM plan
               WHERE (plan_id, attempt) IN %(batches)s AND state = 'pulled')
           ORDER BY plan_id FOR UPDATE""",
        {"batches": tuple(batches)},
    )
    concerned = {plan_id for (plan_id,) in cur.fetchall()}
    cur.execute(
        """UPDATE plan SET updated_at = clock_timestamp(), reason = receipt.reason,
                  state = CASE WHEN redrives <> '' AND proof <> '' AND letters = 0 THEN 'proven' ELSE 'loaded' END
           FROM receipt
           WHERE receipt.plan_id = plan.plan_id AND receipt.attempt = plan.attempt AND plan.state = 'pulled'
             AND (plan.plan_id, plan.attempt) IN %(batches)s""",
        {"batches": tuple(batches)},
    )
    settle_letters(cur, concerned)


def settle_letters(cur: Cursor, plan_ids: Collection[str]) -> None:
    """Settle the letters of these plans, and the plans; nothing changes while one of their readings is still on its
    way."""
    if not plan_ids:
        return
    facts = {"plan_ids": tuple(sorted(plan_ids))}
    cur.execute(
        """UPDATE letter SET state = 'redriven'
           WHERE plan_id IN %(plan_ids)s AND state <> 'redriven' AND NOT met
             AND NOT EXISTS (SELECT FROM plan WHERE plan.plan_id = letter.plan_id AND state IN ('planned', 'pulled'))
             AND NOT EXISTS (SELECT FROM plan WHERE redrives = letter.plan_id AND state IN ('planned', 'pulled'))""",
        facts,
    )
    cur.execute(
        """UPDATE plan SET state = now.state, updated_at = clock_timestamp(),
                  reason = CASE WHEN waiting > 0 THEN '死信 ' || waiting || ' 条待处理'
                                WHEN now.state = 'excepted' THEN '例外：搁置死信 ' || parked || ' 条'
                                WHEN now.state = 'proven' THEN '' ELSE now.reason END,
                  proven_at = CASE WHEN now.state <> 'open' THEN coalesce(proven_at, clock_timestamp()) END
           FROM (SELECT plan_id, waiting, parked, reason, CASE WHEN waiting > 0 OR NOT whole THEN 'open'
                        WHEN parked > 0 THEN 'excepted' ELSE 'proven' END AS state
                 FROM (SELECT this.plan_id, receipt.reason, parked,
                              -- a letter a receipt speaks of and nobody has indexed is still in Kafka
                              CASE WHEN known = 0 THEN receipt.letters ELSE waiting END AS waiting,
                              receipt.proof <> '' OR pages > 0 OR EXISTS (
                                  SELECT FROM plan AS again JOIN receipt AS r USING (plan_id, attempt)
                                  WHERE again.redrives = this.plan_id AND r.proof <> ''
                                    AND again.state NOT IN ('planned', 'pulled')
                                    AND again.window_from = this.window_from AND again.window_to = this.window_to
                                    AND again.keys IS NOT DISTINCT FROM this.keys) AS whole
                       FROM plan AS this JOIN receipt USING (plan_id, attempt), LATERAL (
                           SELECT count(*) AS known, count(*) FILTER (WHERE state = 'open') AS waiting,
                                  count(*) FILTER (WHERE state = 'parked') AS parked,
                                  count(*) FILTER (WHERE letter.reason = 'page_failed') AS pages
                           FROM letter WHERE letter.plan_id = this.plan_id) AS index
                       WHERE this.plan_id IN %(plan_ids)s AND redrives IS NULL
                         AND this.state IN ('loaded', 'open', 'excepted', 'proven')) AS facts) AS now
           WHERE plan.plan_id = now.plan_id""",
        facts,
    )


def note_letters(cur: Cursor, plan: Plan, receipt: Receipt) -> None:
    """Note which letters of the plan (or of the one it re-drives) this reading brought again, or could not find by key.
    One that proves nothing counts as bringing all: what is missing may hold any of them."""
    cur.execute(
        """UPDATE letter SET met = now.met, tries = tries + (now.met AND NOT letter.met)::int,
                  tried_at = CASE WHEN now.met AND NOT letter.met THEN clock_timestamp() ELSE tried_at END
           FROM (SELECT topic, partition, position,
                        (%(again)s AND met) OR %(unproven)s OR coalesce(NOT key = ANY (%(answered)s::text[]), false)
                            OR coalesce(identity = ANY (%(unread)s::bytea[]), false) AS met
                 FROM letter WHERE plan_id = %(original)s AND state <> 'redriven') AS now
           WHERE (letter.topic, letter.partition, letter.position) = (now.topic, now.partition, now.position)""",
        {"original": plan.original, "again": plan.redrives != "", "unproven": not receipt.proof,
         "unread": list(receipt.unread),
         "answered": None if receipt.answered is None else list(receipt.answered)},
    )  # fmt: skip
