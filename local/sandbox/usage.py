"""The Chinese page that ``--help`` shows below the options."""

USAGE = """\
方言 gateway：POST JSON + Bearer JWT（HS256，app_secret 签名；claims：app_key、scope、iat、exp，最长 600 秒）
  /open/orders/out/simple/query  销售出库  page_size ≤ 25，每秒 15 次，scope order_out_query
  /open/sku/query                商品资料  page_size ≤ 50，每秒 5 次，scope inventory_query
  /open/shops/query              店铺      page_size ≤ 100，每秒 5 次，scope inventory_query

控制接口（无需认证，只限本机）
  GET  /sandbox/health           是否在营业、服务器时间
  POST /sandbox/freeze           店铺静止，迟到的提交全部落地；返回各模块行数与最新 modified
  POST /sandbox/thaw             恢复营业
  GET  /sandbox/truth/<module>   全部已提交行的当前状态（NDJSON，按 key）；可加 ?modified_from=yyyy-MM-dd HH:mm:ss
  GET  /sandbox/stats            各接口各状态码的应答数（0 = 断开）、被限流数、订单数、变更数、行数、故障
  GET | PUT /sandbox/faults      查看、整体替换故障集合；{} 清空
  POST /sandbox/orders_per_hour  {"value": n}，下次启动前有效
  POST /sandbox/touch            {"module", "keys": [...]}：modified 改为现在
  POST /sandbox/put              {"module", "row": {...}}：原样写入一行，未给 modified 时取现在；店铺不再改动它

故障：{"<名称>": {选项}}，选项都可省略；括号内为默认值。重启后清空。
  通用选项：paths（接口路径数组，默认全部）、rate（0..1，默认 1）、times（发生 n 次后停止）
  storm_429           限流：429/42901，Retry-After: 1
  http_500            HTTP 500，纯文本
  http_502_html       HTTP 502，代理的 HTML 页面
  timeout             挂起 seconds (120) 秒后断开，不应答
  drop                不应答，直接断开
  slow                晚 seconds (5) 秒应答
  truncated_json      应答中途截断
  datas_null          code 0，datas 为 null
  missing_datas       code 0，没有 datas
  has_next_missing    没有 has_next
  total_missing       没有 total
  numbers_as_strings  行内数字与 total 都变成字符串
  unknown_field       每行多一个未知字段
  garbled_record      一行变成含手机号的残缺文本（form "text"），或 qty 为 "abc"（form "qty"）；keys 指定行
  missing_key         一行没有 key 字段；keys 指定行
  mixed_line_keys     一个多明细的订单，其中一行明细没有 ioi_id
  token_expired       一律 401/40102
  clock_skew          服务器时钟（Date 与令牌检查）偏差 seconds (3600) 秒
  ip_refused          调用方不在 allow ([]) 中则 403/40301
  commit_lag          share (0.01) 比例的变更在 modified 之后 seconds (60) 秒才可见；没有通用选项
"""
