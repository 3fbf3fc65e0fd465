-- Up to when changes of the control database's api_minute are here.
SELECT max(changed_at) FROM ops.api_minute
