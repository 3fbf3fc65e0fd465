-- What a rule of alerts.yaml has to look at: a row per subject that is not calm, the worst first. Each metric's rows carry
-- its value in a column of its own; values are named v0, v1 … as in the rule.
SELECT ${by}${shown}
FROM
(
    SELECT ${by}${values}
    FROM
    (
${metrics}
    )
    ${group}
)
WHERE ${kept}
ORDER BY ${order}
LIMIT ${most}
