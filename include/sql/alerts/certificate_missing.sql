-- Modules of which yesterday has no good certificate though the day before has one, or a first try of yesterday: what was
-- never backfilled is not late.
WITH yesterday AS (SELECT (%(now)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date - 1 AS day),
newest AS
    (SELECT DISTINCT ON (certificate.day, module) certificate.day, module, state FROM certificate, yesterday
     WHERE certificate.day BETWEEN yesterday.day - 7 AND yesterday.day ORDER BY certificate.day, module, number DESC)
SELECT module AS subject, 1 AS value,
       '昨天 ' || yesterday.day || coalesce((SELECT ' 的证书没有通过' FROM newest AS own
                                            WHERE own.module = known.module AND own.day = yesterday.day), ' 还没有证书') AS what
FROM (SELECT DISTINCT module FROM newest) AS known, yesterday
WHERE NOT EXISTS (SELECT FROM newest AS own
                  WHERE own.module = known.module AND own.day = yesterday.day AND own.state <> 'open')
ORDER BY module
