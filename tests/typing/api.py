"""The public names as a user's type checker sees them; checked, never run."""

import headway
from headway import Bar

bar: Bar = headway.get_bar(10, desc="a", unit_scale="iec", backend="tqdm", options={"tqdm": {"colour": "green"}})
with bar as same:
    checked: Bar = same
bar.update()
bar(2)
bar.set(2.5)
bar.total = None
n: float = bar.n
rate: float | None = bar.rate
for number in headway.track([1, 2, 3]):
    doubled: int = number * 2
for text in headway.track({"a": 1}, total=1).__iter__():
    length: int = len(text)
with headway.use("off"):
    headway.write("text")
names: list[str] = [backend.name for backend in headway.backends()]
