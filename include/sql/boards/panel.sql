-- A panel: metrics beside each other, a row per combination of the cuts. Each metric's rows carry its value in a column
-- of its own and nothing in the others, so that a shop that only paid back is there as well.
SELECT ${by}${shown}${seen} AS seen
FROM
(
    SELECT ${by}${values}
    FROM
    (
${metrics}
    )
    ${group}
)
${keep}
${order}
LIMIT ${top}
