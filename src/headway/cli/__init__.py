"""The command `headway`.

Knows everything, and nothing knows it.
"""
