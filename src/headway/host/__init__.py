"""The process that headway is a guest in: its streams, its terminal, its signals, its clock, and how its work ended.

Knows nothing of bars; only the contracts on the ground stand below it.
"""
