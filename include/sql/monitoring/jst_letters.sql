SELECT module, state, count(*) AS value FROM letter WHERE state <> 'redriven' GROUP BY module, state
