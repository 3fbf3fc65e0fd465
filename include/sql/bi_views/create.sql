-- The view of one data set. It is read with the rights of the login that made it (docs/decisions/0052), and its FINAL is
-- its own, whatever the profile of the reader says.
CREATE OR REPLACE VIEW bi.${view}
(
    ${columns}
)
DEFINER = CURRENT_USER SQL SECURITY DEFINER
AS
${include bi_views/select}
COMMENT '${title}'
