-- What was running here when the node left must not write any more.
KILL QUERY WHERE query_id LIKE 'jst-%%' SYNC
