CREATE TABLE IF NOT EXISTS dim_sku
(
    sku_id VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT '商品编码',
    i_id VARCHAR(128) NOT NULL DEFAULT '' COMMENT '款式编码',
    name VARCHAR(512) NOT NULL DEFAULT '' COMMENT '商品名称',
    short_name VARCHAR(512) NOT NULL DEFAULT '' COMMENT '简称',
    properties_value VARCHAR(512) NOT NULL DEFAULT '' COMMENT '颜色与规格',
    category VARCHAR(255) NOT NULL DEFAULT '' COMMENT '分类',
    brand VARCHAR(255) NOT NULL DEFAULT '' COMMENT '品牌',
    unit VARCHAR(64) NOT NULL DEFAULT '' COMMENT '单位',
    enabled TINYINT NULL COMMENT '1 启用，0 备用，-1 禁用',
    sale_price DECIMAL(18, 4) NULL COMMENT '售价',
    cost_price DECIMAL(18, 4) NULL COMMENT '成本价',
    created DATETIME NULL COMMENT '创建时间（北京时间）',
    modified DATETIME NULL COMMENT '修改时间（北京时间）',
    PRIMARY KEY (sku_id)
)
DEFAULT CHARACTER SET utf8mb4
COMMENT '商品资料，由 jst_dimensions 每 5 分钟写入'
