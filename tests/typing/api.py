"""The public names as a user's type checker sees them; checked, never run."""

import headway
from headway import Bar
from headway.tqdm import tqdm, trange
from headway.tqdm.auto import tqdm as auto_tqdm
from headway.tqdm.contrib import tzip
from headway.tqdm.contrib.concurrent import thread_map

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
for whole in tqdm([1, 2]):
    twice: int = whole * 2
for word in auto_tqdm({"a"}, desc="words"):
    letters = len(word)
for index in trange(3):
    twice = index
with tqdm(total=10, unit="B") as told:
    told.update(3)
    told.set_postfix(loss=0.5)
    name = told.bar.name
untold = tqdm(total=3)
for pair in tzip([1], ["a"]):
    print(pair)
lengths: list[int] = thread_map(len, ["a", "b"], max_workers=2)
shown = headway.get_bar(10, widgets=["desc", "bar", lambda snapshot: f"{snapshot.n}"], units={"sample": 64})
