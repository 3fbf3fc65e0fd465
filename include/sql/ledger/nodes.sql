-- The warehouse's nodes, where there is a standby.
SELECT node, state, reason, left_at, proof, proven_at, changed_at
FROM node ORDER BY state <> 'serving', node
