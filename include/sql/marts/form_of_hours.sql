-- How hours are counted: those that were counted in another way are counted anew.
cityHash64(%(return_refund_types)s)
