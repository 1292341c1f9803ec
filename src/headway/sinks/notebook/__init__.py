"""Bars in the cells of a notebook, without widgets.

Knows the frames that it is given; nothing of the thread that draws.
"""
