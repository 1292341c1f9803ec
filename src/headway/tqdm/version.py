"""The version of tqdm whose names are here, for programs that ask which ones there are."""

__all__ = ["__version__"]

__version__ = "4.70.1"
