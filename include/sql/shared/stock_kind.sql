-- Whether a row of stock is one of ``kinds``: a total over all warehouses, or of one of them.
if(${branch} = 0, 'total', 'per_warehouse') IN (${kinds})
