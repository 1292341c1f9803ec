"""The words of a row: widgets, their layout, and how a row is made to fit its place.

Knows snapshots, and asks `choosing` for the widgets of plugins; nothing of renderers.
"""
