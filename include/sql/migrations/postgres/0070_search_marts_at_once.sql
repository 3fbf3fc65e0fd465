-- Marts have new columns: days from before are counted anew at the next round, not within the hour.
DELETE FROM mart_search;
