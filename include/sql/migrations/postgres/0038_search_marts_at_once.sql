-- A mart that is new with an update is empty: all days are compared with the wide tables now, not within the hour, since
-- boards ask it from the first moment on.

DELETE FROM mart_search;
