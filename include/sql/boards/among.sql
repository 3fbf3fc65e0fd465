-- Leaves the rows for which what a panel needs holds: of a week's sales no more is merged than of the few that are shown.
WHERE (${cuts}) IN
(
    SELECT ${cuts}
    FROM
    (
${question}
    )
    WHERE ${needed}
)
