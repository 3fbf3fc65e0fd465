-- What is known of every business day of the last six weeks: the certificate that counts is the one issued last.
SELECT DISTINCT ON (day, module) day, module, state, rows, keys, source_amount::text, our_amount::text, missing, surplus,
       different, exceptions, reasons, dag_id, run_id, issued_at
FROM certificate WHERE day > (now() AT TIME ZONE 'Asia/Shanghai')::date - 42
ORDER BY day, module, number DESC
