-- Windows that are not settled: planned and not pulled, in Kafka and not loaded, or open.
SELECT module, origin, state, count(*) AS windows, extract(epoch FROM now() - min(updated_at))::float8 AS age
FROM plan WHERE state IN ('planned', 'pulled', 'open')
GROUP BY module, origin, state
