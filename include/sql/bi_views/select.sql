-- The columns of a data set under their Chinese names.
SELECT
    ${named}
FROM
(
${include bi/${source}}
) AS source
