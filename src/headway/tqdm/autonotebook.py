"""The names of `tqdm.autonotebook`: the same everywhere, for the renderer is chosen when a bar is made."""

from headway.imitation.tqdm import tqdm, trange

__all__ = ["tqdm", "trange"]
