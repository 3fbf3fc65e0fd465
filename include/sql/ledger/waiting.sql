-- What is planned and not pulled, or lies in Kafka and is not loaded.
SELECT module, origin, state, count(*) AS windows, extract(epoch FROM now() - min(updated_at))::float8 AS age
FROM plan WHERE state IN ('planned', 'pulled')
GROUP BY module, origin, state
