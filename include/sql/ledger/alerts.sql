-- What rules of alerts.yaml have found and is not over, by rule; neither what is silenced, nor what this page finds itself.
SELECT module AS rule, max(detail->>'title') AS title, severity, count(*) AS subjects,
       (array_agg(what ORDER BY id))[1] AS what, max("do") AS "do", min(opened_at) AS opened_at
FROM incident
WHERE closed_at IS NULL AND kind = 'alert'
  AND NOT EXISTS (SELECT FROM silence WHERE rule = incident.module AND silence.subject IN ('', incident.subject)
                  AND lifted_at IS NULL AND until > now())
GROUP BY module, severity
ORDER BY severity <> 'critical', opened_at
