SELECT module, state, extract(epoch FROM min(updated_at)) AS value
FROM plan WHERE state IN ('planned', 'pulled', 'open') GROUP BY module, state
