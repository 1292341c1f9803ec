"""A training run, described once and reported as one: its plan, its phases, its forecast and its bars.

Knows bars; nothing of frameworks.
"""
