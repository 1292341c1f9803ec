"""The names of `tqdm.auto`: plain and `async for` loops. The renderer is chosen when a bar is made, not here."""

from headway.tqdm.asyncio import tqdm, trange

__all__ = ["tqdm", "trange"]
