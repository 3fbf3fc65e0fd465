-- The newest backup that came to its end, when it is older than 26 hours: one is due every day once there has been any.
-- Asked of the control database.
SELECT coalesce('最近一次成功在 ' || to_char(max(finished_at) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'), '还没有成功过')
       || coalesce('，之后失败：' || nullif((array_agg(left(trouble, 150) ORDER BY name DESC))[1], ''), '') AS what
FROM backup HAVING coalesce(max(finished_at), min(began_at)) < now() - interval '26 hours'
