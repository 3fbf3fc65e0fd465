"""The Chinese page that ``--help`` shows below the options."""

USAGE = """\
方言 gateway：POST JSON + Bearer JWT（HS256，app_secret 签名；claims：app_key、scope、iat、exp，最长 600 秒）
  窗口 start_time / end_time ≤ 7 天，page_index + page_size；行内的文档编号是文本；超限答 429/42901
  /open/orders/out/simple/query  销售出库  page_size ≤ 25，每秒 15 次，scope order_out_query；date_type 0/2
  /open/inventory/query          库存      page_size ≤ 50，每秒 20 次，scope inventory_query；sku_ids、wms_co_id
  /open/aftersale/query          售后      page_size ≤ 20，每秒 10 次，scope after_sale_query；as_ids、o_ids
  /open/sku/query                商品资料  page_size ≤ 50，每秒 5 次，scope inventory_query；sku_ids
  /open/shops/query              店铺      page_size ≤ 100，每秒 5 次，scope inventory_query；不需要窗口
  /open/wms/partner/query        仓库      page_size ≤ 50，每秒 5 次，scope inventory_query；不需要窗口

方言 openapi：POST 表单 + MD5 签名，biz 为 JSON；HTTP 一律 200，看 code；行内的文档编号是整数，行带 ts
  全部接口共用每秒 5 次（199）、每分钟 100 次（200）；令牌接口不占用
  窗口 modified_begin / modified_end ≤ 7 天，或游标（ts ≥ 给定值，按 ts 升序，可加 is_get_total=false）
  每页 page_size 默认 30，超过上限时按上限
  /openWeb/auth/getInitToken     取令牌    grant_type=authorization_code，code 为任意 6 位；有效的令牌原样返回
  /openWeb/auth/refreshToken     换令牌    grant_type=refresh_token，scope=all；旧令牌随即作废
  /open/orders/out/simple/query  销售出库  page_size ≤ 50；start_ts、io_ids、o_ids、date_type 0/2
  /open/inventory/query          库存      page_size ≤ 100，列表 inventorys，无 data_count；ts、sku_ids、wms_co_id
  /open/refund/single/query      售后      page_size ≤ 50；start_ts、as_ids、o_ids
  /open/sku/query                商品资料  page_size ≤ 50；sku_ids（逗号串）
  /open/shops/query              店铺      page_size ≤ 100（默认 100），无 data_count；不需要窗口
  /open/wms/partner/query        仓库      page_size ≤ 30；不需要窗口
  code：10 签名，100 令牌，110 IP，130 biz 不对，140 参数不符合规范，150 内部错误，170 没有条件，180 timestamp，190 权限

控制接口（无需认证，只限本机；模块：sale_out、after_sale、inventory、branch_stock（分仓库存）、sku、shop、warehouse）
  GET  /sandbox/health           是否在营业、服务器时间
  POST /sandbox/freeze           店铺静止，迟到的提交全部落地；返回各模块行数与最新 modified
  POST /sandbox/thaw             恢复营业
  GET  /sandbox/truth/<module>   全部已提交行的当前状态（NDJSON，按 key）；可加 ?modified_from=yyyy-MM-dd HH:mm:ss
  GET  /sandbox/stats            各接口各状态码（0 = 断开）与各 code 的应答数、被限流数、订单数、变更数、行数、故障
  GET | PUT /sandbox/faults      查看、整体替换故障集合；{} 清空
  POST /sandbox/orders_per_hour  {"value": n}：匀速；加 "rhythm": true 则随钟点起落；下次启动前有效
  POST /sandbox/clock            {"seconds": n}：时钟拨快 n 秒（0..86400），店铺把这几秒过完；重启后仍保持
  POST /sandbox/touch            {"module", "keys": [...]}：modified 改为现在
  POST /sandbox/put              {"module", "row": {...}}：原样写入一行，未给 modified 时取现在；店铺不再改动它

故障：{"<名称>": {选项}}，选项都可省略；括号内为默认值。重启后清空。
  通用选项：paths（接口路径数组，默认全部）、rate（0..1，默认 1）、times（发生 n 次后停止）
  storm_429           限流：429/42901，Retry-After: 1；openapi 答 code (199) 或 200
  http_500            HTTP 500，纯文本
  http_502_html       HTTP 502，代理的 HTML 页面
  timeout             挂起 seconds (120) 秒后断开，不应答
  drop                不应答，直接断开
  slow                晚 seconds (5) 秒应答
  truncated_json      应答中途截断
  datas_null          code 0，行列表为 null
  missing_datas       code 0，没有行列表
  has_next_missing    没有 has_next
  has_next_odd        has_next 是文本（form "text"），或 1 与 0（form "number"）
  total_missing       没有 total；openapi 没有 data_count 与 page_count
  numbers_as_strings  行内数字与合计都变成字符串
  code_as_string      code "0"
  unknown_field       每行多一个未知字段
  garbled_record      一行变成含手机号的残缺文本（form "text"），或 qty 为 "abc"（form "qty"）；keys 指定行
  missing_key         一行没有 key 字段；keys 指定行
  mixed_line_keys     一个多明细的单据，其中一行明细没有明细编号
  token_expired       一律 401/40102；openapi 答 100
  clock_skew          服务器时钟（Date 与令牌、timestamp 检查）偏差 seconds (3600) 秒
  ip_refused          调用方不在 allow ([]) 中则 403/40301；openapi 答 110
  permission_refused  403/40302；openapi 答 190
  keys_refused        按主键的查询：form "refused" 答 400/130（openapi 130）；"ignored" 当作没有给条件；"empty" 答空列表
  internal_error      仅 openapi：150
  inner_code          仅 openapi：code 0，data 里却是 code 150 的旧外壳
  error_data          仅 openapi：出错时 data 为 []（form "list"），或没有 data（form "absent"）
  ts_by_warehouse     仅 openapi：每个仓库的库存各编各的 ts，彼此相差很远
  commit_lag          share (0.01) 比例的变更在 modified 之后 seconds (60) 至多再加 spread (0) 秒才可见；无通用选项
  silent_stock        每次库存变更以 share (0.01) 的概率使一个 SKU 的 defective_qty 变化而 modified 不动；没有通用选项
"""
