SELECT module, state, count(*) AS value FROM plan WHERE state IN ('planned', 'pulled', 'open') GROUP BY module, state
