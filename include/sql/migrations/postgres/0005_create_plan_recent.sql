-- The plans of the last minutes or days of a module, without reading all it ever had.

CREATE INDEX plan_recent ON plan (module, window_to);
