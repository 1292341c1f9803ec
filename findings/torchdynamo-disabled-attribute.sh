#!/bin/sh
# torch 2.13.0, CPython 3.11
#
# Guess:     If a function has the attribute _torchdynamo_disable, which torch.compiler.disable sets, TorchDynamo leaves
#            it alone: it breaks the graph there and runs the function as it is.
# Behaviour: The attribute breaks the graph of the caller alone. The frame of the function itself is compiled, if it works
#            on a tensor, and guarded by each Python value that it reads: with a counter it is compiled anew for each call
#            until the recompile limit of 8. Only the wrapper that torch.compiler.disable returns keeps Dynamo out of it.
# Output:    attribute 9
#            wrapper 1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 numpy
"$folder/venv/bin/python" - > "$folder/out" 2> "$folder/err" <<'EOF'
import torch
from torch._dynamo.testing import CompileCounter

calls = 0

def note(loss):
    global calls
    calls += 1
    return loss.detach()

def compilations(report):
    torch._dynamo.reset()
    counter = CompileCounter()
    layer = torch.nn.Linear(3, 3)

    @torch.compile(backend=counter)
    def step(x):
        loss = layer(x).sum()
        report(loss)
        return loss

    for _ in range(20):
        step(torch.ones(2, 3))
    return counter.frame_count

wrapper = torch.compiler.disable(note)
note._torchdynamo_disable = True
print("attribute", compilations(note))
print("wrapper", compilations(wrapper))
EOF
cat "$folder/out"
[ "$(cat "$folder/out")" = "attribute 9
wrapper 1" ]
