"""Which backend shows a bar: read from the environment, from code and from files, and found among installed plugins.

Knows the renderers' contract and the host; nothing of bars.
"""
