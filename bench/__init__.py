"""Measures the product beside a floor, in one run, as ratios.

May enter: clocks, counters, load. May not enter: a threshold that fails (nothing here is a test),
an import by the product.
"""
