-- The newest look at every module.
SELECT * FROM feeds ORDER BY minute DESC LIMIT 1 BY module
