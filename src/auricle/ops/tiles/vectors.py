"""Vectors of the processor as values in compiled functions, so that loops stay in registers.

A vector is as wide as `VECTOR_BYTES`. ``count`` is how many lanes take part in a load or a store,
from the first on; all where it is larger than the vector.
"""

import operator
from typing import Any, no_type_check

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

WIDE = bool(binding.get_host_cpu_features().get("avx512f", False))
VECTOR_BYTES = 64 if WIDE else 32
_CONTRACT = ("contract", "nsz")
_READ_TO_SECOND_LEVEL = (0, 2, 1)


class Vector(types.Type):
    """The type of a vector of float32 or float64."""

    def __init__(self, bits: int) -> None:
        self.bits, self.lanes = bits, 8 * VECTOR_BYTES // bits
        super().__init__(name=f"Vector({bits})")

    @property
    def code(self) -> Any:
        """The type in LLVM's language."""
        return ir.VectorType(ir.FloatType() if self.bits == 32 else ir.DoubleType(), self.lanes)


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    @no_type_check
    def __init__(self, manager, kind):
        super().__init__(manager, kind, kind.code)


@no_type_check
def splat_code(builder, scalar, lanes):
    """All lanes alike."""
    lane = ir.IntType(32)
    undefined = ir.Constant(ir.VectorType(scalar.type, lanes), ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(lane, 0))
    return builder.shuffle_vector(
        first, undefined, ir.Constant(ir.VectorType(lane, lanes), [0] * lanes)
    )


@no_type_check
def _mask(builder, count, lanes):
    numbers = ir.Constant(ir.VectorType(count.type, lanes), list(range(lanes)))
    return builder.icmp_signed("<", numbers, splat_code(builder, count, lanes))


@no_type_check
def _call(builder, name, result, values):
    kind = ir.FunctionType(result, [value.type for value in values])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)


@intrinsic
@no_type_check
def splat(typing, scalar):
    """A vector with all lanes alike."""
    kind = Vector(scalar.bitwidth)

    def generate(context, builder, signature, values):
        return splat_code(builder, values[0], kind.lanes)

    return kind(scalar), generate


@intrinsic
@no_type_check
def load(typing, one, address, count):
    """The vector at an address; lanes that take no part are zero."""
    kind = Vector(one.bitwidth)

    def generate(context, builder, signature, values):
        code, mask = kind.code, _mask(builder, values[2], kind.lanes)
        place = builder.inttoptr(values[1], ir.PointerType())
        name = f"llvm.masked.load.v{kind.lanes}f{kind.bits}.p0"
        align, rest = ir.Constant(ir.IntType(32), kind.bits // 8), ir.Constant(code, None)
        return _call(builder, name, code, [place, align, mask, rest])

    return kind(one, types.intp, types.intp), generate


@intrinsic
@no_type_check
def store(typing, vector, address, count):
    """Write the lanes that take part."""

    def generate(context, builder, signature, values):
        mask = _mask(builder, values[2], vector.lanes)
        place = builder.inttoptr(values[1], ir.PointerType())
        name = f"llvm.masked.store.v{vector.lanes}f{vector.bits}.p0"
        align = ir.Constant(ir.IntType(32), vector.bits // 8)
        _call(builder, name, ir.VoidType(), [values[0], place, align, mask])
        return context.get_dummy_value()

    return types.void(vector, types.intp, types.intp), generate


@no_type_check
def prefetch_code(builder, address):
    """Ask for the cache line at an address, whatever is there, and go on."""
    word = ir.IntType(32)
    place = builder.inttoptr(address, ir.PointerType())
    kind = ir.FunctionType(ir.VoidType(), [ir.PointerType(), word, word, word])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
    builder.call(function, [place, *(ir.Constant(word, n) for n in _READ_TO_SECOND_LEVEL)])


@intrinsic
@no_type_check
def prefetch(typing, address):
    """`prefetch_code` in a compiled function."""

    def generate(context, builder, signature, values):
        prefetch_code(builder, values[0])
        return context.get_dummy_value()

    return types.void(types.intp), generate


@no_type_check
def _arithmetic(python_operator, instruction):
    @intrinsic
    def compute(typing, a, b):
        def generate(context, builder, signature, values):
            return getattr(builder, instruction)(*values, flags=_CONTRACT)

        return a(a, b), generate

    @overload(python_operator, inline="always")
    def _of_vectors(a, b):
        if isinstance(a, Vector) and isinstance(b, Vector):
            return lambda a, b: compute(a, b)
        return None


for _operator, _name in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _arithmetic(_operator, _name)


@no_type_check
def _extreme(name):
    @intrinsic
    def compute(typing, a, b):
        def generate(context, builder, signature, values):
            return _call(builder, f"llvm.{name}.v{a.lanes}f{a.bits}", a.code, list(values))

        return a(a, b), generate

    return compute


smaller, larger = _extreme("minnum"), _extreme("maxnum")


@no_type_check
def _of_one_vector(name):
    @intrinsic
    def compute(typing, x):
        def generate(context, builder, signature, values):
            return _call(builder, f"llvm.{name}.v{x.lanes}f{x.bits}", x.code, list(values))

        return x(x), generate

    return compute


exponential = _of_one_vector("exp")  # lane by lane
square_root = _of_one_vector("sqrt")


@intrinsic
@no_type_check
def hyperbolic_tangent(typing, x):
    """tanh of every lane, one after the other, by the C library."""

    def generate(context, builder, signature, values):
        (given,), lane = values, ir.IntType(32)
        kind = ir.FunctionType(x.code.element, [x.code.element])
        name = "tanhf" if x.bits == 32 else "tanh"
        function = cgutils.get_or_insert_function(builder.module, kind, name)
        made = ir.Constant(x.code, ir.Undefined)
        for number in range(x.lanes):
            at = ir.Constant(lane, number)
            value = builder.call(function, [builder.extract_element(given, at)])
            made = builder.insert_element(made, value, at)
        return made

    return x(x), generate
