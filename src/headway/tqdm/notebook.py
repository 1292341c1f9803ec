"""The names of `tqdm.notebook`: in a notebook, too, it is the renderer that decides on the look."""

from headway.imitation.tqdm import tqdm, trange

__all__ = ["tnrange", "tqdm", "tqdm_notebook", "trange"]

tqdm_notebook = tqdm  # one by one: a name of a tuple is no type
tnrange = trange
