"""Sinks that need no other package."""
