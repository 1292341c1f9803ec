"""The parts of `benchmarks/faults.py`: who is driven, what goes wrong, who judges, and the table."""
