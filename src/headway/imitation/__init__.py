"""A bar with tqdm's arguments, attributes and methods, which reports to headway.

Knows the public functions, and none of the doors that use it.
"""
