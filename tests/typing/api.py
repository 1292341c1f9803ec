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
loop = headway.loop([1, 2, 3], epochs=2, validation=["a"], metrics=["loss", headway.Metric("acc", best="max")])
for epoch in loop:
    index: int = epoch
    for batch in loop.train():
        triple: int = batch * 3
    for word in loop.validate():
        letters: int = len(word)
    with loop.phase("checkpoint"):
        state: dict[str, object] = loop.state_dict()
unvalidated = headway.loop([1.5], max_steps=10)
for _ in unvalidated:
    half: list[float] = [x / 2 for x in unvalidated.train()]
    anything = list(unvalidated.validate(["x"]))
later = headway.loop(epochs=1)
for _ in later:
    for given in later.train(["a"]):
        print(given)
shown = headway.get_bar(10, widgets=["desc", "bar", lambda snapshot: f"{snapshot.n}"], units={"sample": 64})
