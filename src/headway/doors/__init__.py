"""The knowledge of other libraries that several doors to them share.

Knows bars; nothing of a single door.
"""
