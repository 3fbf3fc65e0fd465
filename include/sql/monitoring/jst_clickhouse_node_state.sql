SELECT node, state, 1 AS value FROM node
