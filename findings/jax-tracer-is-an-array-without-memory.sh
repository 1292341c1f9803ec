#!/bin/sh
# jax 0.10.2, jaxlib 0.10.2, CPython 3.11
#
# Guess:     A value whose class has is_deleted() is an array on a device, which can be asked whether its memory is gone.
#            float() and item() of a loss give the same number, or both raise. copy() of a value is no part of the program
#            that is traced, if its result is thrown away.
# Behaviour: Values that JAX traces have is_deleted, too, but a call raises ConcretizationTypeError. In plain jax.grad
#            float() of the loss raises, and item() gives its number; in jit both raise. copy() adds an operation to the
#            traced program, whether or not its result is used.
# Output:    grad: has is_deleted True, is_deleted() raises ConcretizationTypeError, float() raises
#            ConcretizationTypeError, item() 3.0
#            jit: has is_deleted True, is_deleted() raises ConcretizationTypeError, float() raises
#            ConcretizationTypeError, item() raises ConcretizationTypeError
#            copies in the traced program: 1
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q jax==0.10.2 jaxlib==0.10.2
"$folder/venv/bin/python" - > "$folder/out" <<'EOF'
import jax


def answer(call):
    try:
        return str(call())
    except Exception as error:
        return f"raises {type(error).__name__}"


def loss_of(weights):
    loss = (weights**2).sum()
    seen.append(
        f"has is_deleted {hasattr(type(loss), 'is_deleted')}, is_deleted() {answer(loss.is_deleted)}, "
        f"float() {answer(lambda: float(loss))}, item() {answer(loss.item)}"
    )
    return loss


def copying(weights):
    loss = (weights**2).sum()
    loss.copy()
    return loss


for transform in (jax.grad, jax.jit):
    seen = []
    transform(loss_of)(jax.numpy.ones(3))
    print(f"{transform.__name__}: {seen[0]}")
print("copies in the traced program:", str(jax.make_jaxpr(copying)(jax.numpy.ones(3))).count("copy"))
EOF
cat "$folder/out"
[ "$(cat "$folder/out")" = "grad: has is_deleted True, is_deleted() raises ConcretizationTypeError, float() raises \
ConcretizationTypeError, item() 3.0
jit: has is_deleted True, is_deleted() raises ConcretizationTypeError, float() raises \
ConcretizationTypeError, item() raises ConcretizationTypeError
copies in the traced program: 1" ]
