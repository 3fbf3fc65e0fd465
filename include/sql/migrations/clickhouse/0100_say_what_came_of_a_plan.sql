ALTER TABLE dws.dws_replenishment_outcome
    COMMENT COLUMN arrived_sku_count '其中后来到了货的（库存变化 + 出库 − 退货，多于做计划时的采购在途）',
    COMMENT COLUMN ordered_sku_count '其中已下单还没到的（没有到货，到的与在途合计多于做计划时的采购在途）',
    COMMENT COLUMN arrived_qty '这些商品此后的到货数量（估算：库存变化 + 出库 − 退货 − 做计划时的采购在途）'
