"""From open bars to the sinks: one thread that draws, the views it drives, and the containment of their faults.

Knows sinks, texts, the host and the worker processes; of bars only the protocol `Source`.
"""
