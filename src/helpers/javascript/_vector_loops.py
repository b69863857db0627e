"""The same loops for four numbers at a time: a kernel as a WebAssembly function, where that is possible and pays.

One of the loops becomes the *vector loop*: in it every array is walked with step 1 or stands still. Each value is then
a vector, and is computed in the loop in which the JavaScript computes it. What is left over at the end of the vector
loop runs through the same instructions, of whose four lanes only the first counts.
"""

from collections.abc import Sequence
from itertools import count
from math import prod

from helpers.javascript._body import Loop
from helpers.javascript._kernel import LoopNest, Reduction, all_lanes
from helpers.javascript._nodes import INDEX, Map, resolve, walk
from helpers.javascript._program import Program
from helpers.javascript._vectors import BYTES, WIDTH, NotVectorised, Vectors
from helpers.javascript._wasm import Function

FIRST_LANE = "v128.const:-1,0,0,0"
ONCE = 16  # a kernel that is not in a loop must be so many times as large
SHORT_SUM = 16  # terms: fewer in four parts are no gain
MOST_COPIES = 8  # of the body: independent sums fill the time in which one addition waits for the last
LONG = 12  # a body with more operations than this keeps the machine busy by itself


def vectorised(
    name: str, nest: LoopNest, parameters: Sequence[str], program: Program, *, is_repeated: bool = True
) -> Function | None:
    """The kernel as a WebAssembly function with these parameters, or None."""
    loops, least = nest.loops(), program.smallest_vectorised
    if prod(loop.size for loop in loops) < (least if is_repeated else ONCE * least):
        return None
    along = vector_loop(nest, loops)
    if along is None or (loops[along].is_reduced and loops[along].size < min(least, SHORT_SUM)):
        return None
    try:
        return Writer(nest, loops, along, program).function(name, parameters)
    except NotVectorised:
        return None


def vector_loop(nest: LoopNest, loops: list[Loop]) -> int | None:
    """The loop to be vectorised: sums side by side rather than one sum in four parts, inner loops rather than outer."""
    kept = [k for k, loop in enumerate(loops) if not loop.is_reduced]
    reduced = [k for k, loop in enumerate(loops) if loop.is_reduced]
    places = [read for read in nest.leaves() if read.buffer is not INDEX]
    stores = [store.target for store in nest.stores]
    sums = [target for target in nest.targets() if target]
    for k in [*kept[::-1], *reduced[::-1]]:
        dim = loops[k].dim
        written = stores + sums if k in kept else stores
        steps = all(place.strides[dim] in (0, 1) for place in places)
        if loops[k].size >= WIDTH and steps and all(place.strides[dim] == 1 for place in written):
            return k
    return None


class Writer:
    """Writes the function: the loops, and the sums they carry."""

    def __init__(self, nest: LoopNest, loops: list[Loop], along: int, program: Program):
        self.nest, self.loops, self.along = nest, loops, along
        self.kept = sum(not loop.is_reduced for loop in loops)
        numbers = count(1)
        self.body = Vectors(
            loops,
            nest.roots(),
            lambda prefix: f"{prefix}{next(numbers)}",
            nest.stored(),
            place=program.place_in_memory,
            along=along,
        )
        self.body.locals = {loop.name: "i32" for loop in loops}
        self.choose_lanes()
        self.lanes = all_lanes(loops)

    def choose_lanes(self) -> None:
        """How many copies of the body there are, and along which loops."""
        operations = {self.body.key(node) for node in walk(*self.nest.roots()) if isinstance(node, Map)}
        if not self.nest.reductions or len(operations) > LONG:
            return
        left = MOST_COPIES // len(self.nest.reductions)
        kept = list(range(self.kept))
        for k in [k for k in kept[::-1] if k != self.along][:1] + [self.along] * (self.along in kept or not kept):
            loop = self.loops[k]
            size = loop.size // WIDTH if k == self.along else loop.size
            loop.lanes = next(n for n in (4, 2, 1) if n <= left and size % n == 0)
            left //= loop.lanes

    def function(self, name: str, parameters: Sequence[str]) -> Function:
        loop, body = self.loops[self.along], self.body
        whole = loop.size - loop.size % WIDTH
        inner = looped(loop, loop.lanes * WIDTH, whole, self.inside())
        if whole < loop.size:
            body.rewind(self.along)
            if self.along < self.kept:
                self.lanes = [lane for lane in self.lanes if not lane.get(self.along)]
            inner += looped(loop, 1, loop.size, self.inside(), start=False)
        words = self.level(0, inner)
        result = None
        if any(reduction.target is None for reduction in self.nest.reductions):
            result = "f32" if self.nest.reductions[0].node.dtype == "float32" else "i32"
        if not body.parameters.keys() <= set(parameters):
            raise NotVectorised("a number that the JavaScript does not need")
        return Function(name, parameters, result, dict.fromkeys(parameters, "f32") | body.locals, words)

    def inside(self) -> list[str]:
        """What the vector loop does in each round."""
        depth, body = len(self.loops), self.body
        for lane in self.lanes:
            if body.width < WIDTH and lane.get(self.along):
                continue
            for store in self.nest.stores:
                body.lines[depth].append(body.store(store.target, lane, body.value(store.node, lane, depth)))
            for number, reduction in enumerate(self.nest.reductions):
                total = self.sum_name(number, lane)
                code = f"{total} {body.value(reduction.node, lane, depth)} {self.combine(reduction)}"
                if body.width < WIDTH and self.along >= self.kept:
                    code = f"{code} {total} {body.once(FIRST_LANE)} v128.bitselect"
                body.lines[depth].append(f"{code} {total}=")
        return self.level(self.along + 1)

    def level(self, depth: int, vector_loop: list[str] | None = None) -> list[str]:
        """The code of a loop level, from its own lines to the end of the loops in it."""
        inner: list[str] = []
        if vector_loop is not None and depth == self.along:
            inner = vector_loop
        elif depth < len(self.loops):
            loop = self.loops[depth]
            inner = looped(loop, loop.lanes, loop.size, self.level(depth + 1, vector_loop))
        if not self.nest.reductions or depth != self.kept:
            return self.body.lines[depth] + inner
        first, finish = self.first_values(), self.finished()  # these may still add lines before the loop
        return self.body.lines[depth] + first + inner + finish

    # -- sums -----------------------------------------------------------------------------------------------------

    def sum_name(self, number: int, lane: dict[int, int]) -> str:
        name = "_".join(["a", str(number), *(str(n) for n in lane.values())])
        self.body.locals[name] = "v128"
        return name

    def combine(self, reduction: Reduction) -> str:
        kind = resolve(reduction.node).dtype.name
        known = reduction.combine.name in ("add", "mul", "min", "max") and kind in ("float32", "int32")
        if not known:
            raise NotVectorised(f"{reduction.combine.name} of {kind}")
        return f"{'f32x4' if kind == 'float32' else 'i32x4'}.{reduction.combine.name}"

    def first_values(self) -> list[str]:
        lines = []
        for number, reduction in enumerate(self.nest.reductions):
            text = reduction.initial.replace("Infinity", "inf")
            is_float = resolve(reduction.node).dtype == "float32"
            first = self.body.number(float(text)) if is_float else self.body.integer(int(text))
            lines += [f"{first} {self.sum_name(number, lane)}=" for lane in self.lanes]
        return lines

    def finished(self) -> list[str]:
        """Put the sums where they belong."""
        lines = []
        for number, (reduction, target) in enumerate(zip(self.nest.reductions, self.nest.targets(), strict=True)):
            for lane in self.lanes:
                total = self.sum_name(number, lane)
                if self.along >= self.kept:
                    if lane.get(self.along):
                        continue
                    lines += self.added_up(number, lane, self.combine(reduction))
                if target is None:
                    shape = self.combine(reduction).split(".")[0]
                    lines.append(f"{total} {shape}.extract_lane")
                else:
                    lines.append(self.body.store(target, lane, total))
        return lines

    def added_up(self, number: int, lane: dict[int, int], combine: str) -> list[str]:
        """Bring the parts of one sum together: those of the other copies of the body, then its own four."""
        total = self.sum_name(number, lane)
        others = [other for other in self.lanes if other.get(self.along) and {**other, self.along: 0} == lane]
        lines = [f"{total} {self.sum_name(number, other)} {combine} {total}=" for other in others]
        return lines + [
            f"{total} {total} {total} i8x16.shuffle:{order} {combine} {total}=" for order in ("2,3,0,1", "1,0,3,2")
        ]


def looped(loop: Loop, step: int, size: int, inner: list[str], *, start: bool = True) -> list[str]:
    """A loop around the code; its variable counts bytes."""
    name = loop.name
    first = [f"i32.const:0 {name}="] if start else []
    following = f"{name} i32.const:{BYTES * step} i32.add {name}="
    return [*first, "loop", *inner, following, f"{name} i32.const:{BYTES * size} i32.lt_s br_if:0", "end"]
