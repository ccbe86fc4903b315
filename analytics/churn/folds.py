"""Customers drawn into folds: all rows of one customer together, leavers spread evenly."""

import numpy as np

from analytics.churn.table import Whole


def folds(outcome: Whole, customer: Whole, *, count: int, seed: int) -> Whole:
    """The fold, 0 to `count` - 1, of each row.

    `customer`: a number per customer. Customers who left in any of their rows and those who did not are dealt out
    one by one, each in a random order that `seed` decides.
    """
    left = np.zeros(int(customer.max()) + 1, dtype=np.int64)
    np.maximum.at(left, customer, outcome)
    random, fold = np.random.default_rng(seed), np.zeros_like(left)
    present = np.unique(customer)
    dealt = np.concatenate([random.permutation(present[left[present] == group]) for group in (1, 0)])
    fold[dealt] = np.arange(len(dealt)) % count
    return fold[customer]
