"""Spreading an order's amount over its lines, so that a plain sum over lines is the order's amount to the cent."""

from __future__ import annotations

from collections.abc import Sequence


def weights(qtys: Sequence[int], prices: Sequence[int]) -> list[int]:
    """Return what each line weighs, from quantities and prices in any one scale: qty × price of normal lines; if all
    are zero qty; if these are zero too, everything on the first normal line. Abnormal lines (qty < 0) weigh nothing."""
    if len(qtys) == 1:
        return [1]
    by_value = [max(qty, 0) * max(price, 0) for qty, price in zip(qtys, prices, strict=True)]
    if any(by_value):
        return by_value
    by_qty = [max(qty, 0) for qty in qtys]
    if any(by_qty):
        return by_qty
    first = next((place for place, qty in enumerate(qtys) if qty >= 0), 0)
    return [int(place == first) for place in range(len(qtys))]


def spread(total: int, shares: Sequence[int]) -> list[int]:
    """``total`` cents by largest remainder; equal remainders go to the earlier line. The shares' sum must be > 0."""
    if len(shares) == 1 or not total:
        return [total] * len(shares)
    whole, sum_of_shares = abs(total), sum(shares)
    parts = [whole * share // sum_of_shares for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (-(whole * shares[place] % sum_of_shares), place))
    for place in order[: whole - sum(parts)]:
        parts[place] += 1
    return parts if total >= 0 else [-part for part in parts]
