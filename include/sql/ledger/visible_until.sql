-- Up to when all that a module's feed has read can be seen in the warehouse: what lies in Kafka and is not loaded cannot.
-- read: the row of its read watermark.
least(read.value, (SELECT min(since) FROM plan
                   WHERE plan.module = read.module AND state = 'pulled' AND origin IN ('live', 'refresh')
                     AND keys IS NULL))
