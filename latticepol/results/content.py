"""What a value is, as a text: the same in every process for the same content, another one for other content.

Plain values are their own text. Objects are what their fields hold, in the way of ``pickle`` (``__getstate__``,
``__reduce__``), but never by the bytes of a pickle, which differ from process to process. Functions and classes of the
user are what they do: code, and what it uses. Those of a library are their names.
"""

import copyreg
import enum
import functools
import hashlib
import inspect
import io
import logging
import site
import sys
import sysconfig
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import fields, is_dataclass
from pathlib import Path, PurePath
from types import CodeType, EllipsisType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

import numpy as np

from latticepol.model import Evolvable, evolves, is_model
from latticepol.results.functions import bound, global_names, names
from latticepol.results.labelled import labelled

#: Classes whose values are their text.
PLAIN = frozenset({str, bytes, int, float, complex, bool, type(None), range, EllipsisType})
#: Tools, not values: only of which kind they are counts.
TOOLS = (logging.Logger, io.IOBase, Executor, type(threading.Lock()), type(threading.RLock()), threading.Event)
#: Libraries of tools.
SHOWING = frozenset({"matplotlib", "tqdm", "IPython", "ipywidgets"})
#: What stands in a class without changing what it does.
SILENT = frozenset({
    "__module__", "__dict__", "__weakref__", "__doc__", "__qualname__", "__annotations__", "__annotate__",
    "__annotate_func__", "__annotations_cache__", "__firstlineno__", "__static_attributes__", "__abstractmethods__",
    "_abc_impl", "__orig_bases__", "__parameters__", "__match_args__", "__dataclass_fields__", "__dataclass_params__",
    "__classcell__", "__classdictcell__",
})  # fmt: skip
#: What is recorded of a class that lists its members (an Enum), besides them.
METHODS = (FunctionType, staticmethod, classmethod, property, functools.cached_property)
#: Where libraries are installed.
LIBRARIES = tuple(
    {Path(path).resolve() for name, path in sysconfig.get_paths().items() if name.endswith("lib")}
    | {Path(path).resolve() for path in (*site.getsitepackages(), site.getusersitepackages())}
)
#: Longer texts of what is inside something are replaced by a hash.
LONG = 300
#: Times at which coefficients that depend on time are compared: of every order of magnitude, commensurate with nothing.
TIMES = (0.0, 0.0123, 0.1371, 1.193, 3.717, 12.83, 131.7, 1173.9)
#: Texts of functions and classes that are known already, with the functions and classes.
Memory = dict[int, tuple[Any, str]]


def content(value: Any, memory: Memory | None = None) -> str:
    """Return the text of a value: readable where it is plain, else by what is inside.

    ``memory`` may be the same for all values of one moment.

    Raises
    ------
    TypeError
        It holds something whose content cannot be read; the message says where.
    """
    try:
        return _Reader({} if memory is None else memory).text(value)
    except _UnreadableError as error:
        raise TypeError(str(error)) from None
    except RecursionError:
        raise TypeError(f"{type(value).__qualname__} is nested too deeply for its content to be read") from None


def readable(value: object) -> str:
    """Return the same where nothing may be refused: of what cannot be read the class is all that counts."""
    try:
        return _Reader({}, lenient=True).text(value)
    except Exception:
        return f"a {type(value).__qualname__}"


def of_model(model: object, memory: Memory | None = None) -> str:
    """Return the text of a model: its class, parameters and units, arrays by content, and the coefficients it
    computes."""
    memory = {} if memory is None else memory
    own = type(model).__qualname__ if _is_library(type(model).__module__) else content(type(model), memory)
    if not is_model(model):
        units, parameters = (getattr(model, name, None) for name in ("units", "parameters"))
        return combined(own, repr(units), content(parameters() if callable(parameters) else model, memory))
    texts = [own, repr(model.units), content(model.parameters(), memory)]
    if evolves(model):  # what functions of the user give, whatever they are made of
        texts.append(coefficients(model, model.state_shape, 0.0))
    return combined(*texts)


def coefficients(model: Evolvable, shape: tuple[int, ...], start: float) -> str:
    """Return a digest of the equation as it is computed for a state of the given shape."""
    return hashed(readable(model.fingerprint_data(shape, [start + t for t in TIMES])))


def combined(*texts: str) -> str:
    """Return one key of several texts, 16 hexadecimal digits."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def hashed(*parts: str | bytes) -> str:
    """Return a short text in place of long ones."""
    found = hashlib.sha256()
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else part)
    return f"#{found.hexdigest()[:12]}"


class _UnreadableError(Exception):
    """Something has no content that can be read; ``trail`` is where it was found."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.kind, self.trail = type(value).__qualname__, list[str]()

    def __str__(self) -> str:
        there = f"{' -> '.join(reversed(self.trail))}: " * bool(self.trail)
        return (
            f"{there}the content of an object of the class {self.kind} cannot be read, and a stored point is known by "
            "the content of all that it depends on. Give the numbers that the object is made of, or its class a method "
            "__getstate__ that returns them; or leave out store="
        )


class _Reader:
    """Reads values; ``numbers`` are those of the functions and classes met so far, within the code of one of them.

    What is met again has the text that it had: the parts of a figure, for instance, all hold each other, on more ways
    than could ever be gone.
    """

    def __init__(self, memory: Memory, numbers: dict[int, int] | None = None, lenient: bool = False) -> None:
        self.memory, self.numbers, self.lenient = memory, numbers, lenient
        self.above: list[int] = []  # ids of what contains the value that is read
        self.met: dict[int, tuple[Any, str]] = {}  # with the value, so that no other object gets its id

    def text(self, value: Any, where: str = "") -> str:
        """Return the text of a value; ``where`` it was found, for messages."""
        if type(value) in PLAIN:
            return repr(value)
        if isinstance(value, np.generic):
            return repr(value.item())
        if id(value) in self.above:
            return "itself"
        if id(value) not in self.met:
            self.met[id(value)] = value, self._new(value, where)
        return self.met[id(value)][1]

    def _new(self, value: Any, where: str) -> str:
        self.above.append(id(value))
        try:
            found = self._inside(value)
            return found if len(found) < LONG else f"{type(value).__qualname__} {hashed(found)}"
        except _UnreadableError as error:
            if self.lenient:
                return f"a {error.kind}"
            error.trail += [where] * bool(where)
            raise
        finally:
            self.above.pop()

    def _inside(self, value: Any) -> str:
        if isinstance(value, CodeType):
            return hashed(value.co_code, self.text(value.co_consts), repr(value.co_names))
        if isinstance(value, np.ndarray):
            return self._array(value)
        if type(value) in (dict, MappingProxyType):
            return "{" + ", ".join(f"{self.text(key)}: {self.text(item)}" for key, item in value.items()) + "}"
        if type(value) in (tuple, list):
            return "(" + ", ".join(map(self.text, value)) + ")"
        if type(value) in (set, frozenset):  # their order differs from process to process
            return "{" + ", ".join(sorted(self._apart(item) for item in value)) + "}"
        if isinstance(value, PurePath):
            return f"{type(value).__name__} {value}"
        if hasattr(type(value), "to_dict") and hasattr(type(value), "dims"):  # of xarray
            return self.text(labelled(value))
        if isinstance(value, enum.Enum):
            return f"{self.text(type(value))}.{value.name} = {self.text(value.value)}"
        if isinstance(value, TOOLS) or type(value).__module__.split(".")[0] in SHOWING:
            return type(value).__qualname__
        if isinstance(value, ModuleType):
            return value.__name__
        return self._code(value) if _is_code(value) else self._object(value)

    def _apart(self, value: Any) -> str:
        """Return the text of one of several values without an order."""
        reader = _Reader(self.memory, None if self.numbers is None else dict(self.numbers), self.lenient)
        reader.above, reader.met = list(self.above), dict(self.met)
        return reader.text(value)

    def _array(self, array: np.ndarray) -> str:
        if isinstance(array, np.ma.MaskedArray):
            return f"masked {self._array(array.filled())} {self._array(np.ma.getmaskarray(array))}"
        if array.dtype.hasobject:
            return f"array{array.shape} {array.dtype} {self.text(array.ravel().tolist())}"
        if array.ndim == 0:
            return repr(array.item())
        return f"array{array.shape} {hashed(array.dtype.str, np.ascontiguousarray(array).tobytes())}"

    def _code(self, value: Any) -> str:
        """Return the text of all the code of a function or class, or its number where it is met again."""
        if isinstance(value, functools.partial):
            return f"partial({self.text(value.func)}, {self.text(value.args)}, {self.text(value.keywords)})"
        if isinstance(value, MethodType):
            return f"{self.text(value.__func__)} of {self.text(value.__self__)}"
        if isinstance(value, METHODS[1:]):
            return f"{type(value).__name__}({', '.join(map(self.text, _functions(value)))})"
        if _has_name(value):
            return f"{value.__module__}.{value.__qualname__}"
        inner = _wrapped(value)
        if inner is not None:
            return f"{type(value).__qualname__} of {self.text(inner)}"
        if not isinstance(value, FunctionType | type):  # written in C
            owner = getattr(value, "__self__", None)
            name = f"{getattr(value, '__module__', None)}.{getattr(value, '__qualname__', value.__name__)}"
            return name if owner is None or isinstance(owner, ModuleType) else f"{name} of {self.text(owner)}"
        if self.numbers is None:
            if id(value) not in self.memory:
                whole = _Reader(self.memory, {}, self.lenient)._code(value)
                self.memory[id(value)] = value, f"{value.__qualname__} {combined(whole)}"
            return self.memory[id(value)][1]
        if id(value) in self.numbers:
            return f"#{self.numbers[id(value)]}"
        self.numbers[id(value)] = len(self.numbers)
        return combined(*(self._class(value) if isinstance(value, type) else self._function(value)))

    def _function(self, function: FunctionType) -> Iterator[str]:
        yield function.__qualname__
        yield self.text((function.__defaults__, function.__kwdefaults__), f"{function.__qualname__}: a default")
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            yield f"{name} = {self._cell(cell, f'{function.__qualname__} uses {name}')}"
        if (function.__module__ or "").split(".")[0] == "latticepol":  # the version of the results says the rest
            yield function.__module__
            return
        yield self.text(function.__code__)
        known = {
            name: function.__globals__[name]
            for name in sorted({*global_names(function.__code__)} & {*function.__globals__})
        }
        for name, item in known.items():
            yield f"{name} = {self.text(item, f'{function.__qualname__} uses {name}')}"
        yield from self._of_modules([*known.values(), *bound(function)], function)
        attributes = {name: item for name, item in vars(function).items() if name != "__wrapped__"}
        yield self.text(dict(sorted(attributes.items())))

    def _of_modules(self, values: Iterable[Any], function: FunctionType) -> Iterator[str]:
        """Return what a function uses of modules of the user, and of those within them."""
        used, ahead, seen = sorted(set(names(function.__code__))), list(values), set[int]()
        while ahead:  # modules hold each other, in circles too
            module = ahead.pop()
            if not isinstance(module, ModuleType) or id(module) in seen or _is_library(module.__name__):
                continue
            seen.add(id(module))
            for name in filter(vars(module).__contains__, used):
                yield f"{module.__name__}.{name} = {self.text(vars(module)[name], f'{module.__name__}.{name}')}"
                ahead.append(vars(module)[name])

    def _cell(self, cell: Any, where: str) -> str:
        try:
            value = cell.cell_contents
        except ValueError:
            return "empty"
        return self.text(value, where)

    def _class(self, cls: type) -> Iterator[str]:
        yield cls.__qualname__
        yield from map(self.text, cls.__bases__)
        members = {name: item for name, item in vars(cls).items() if name not in SILENT}
        if issubclass(cls, enum.Enum):
            yield from (f"{name} = {self.text(item.value)}" for name, item in cls.__members__.items())
            members = {name: item for name, item in members.items() if isinstance(item, METHODS)}
        for name, item in sorted(members.items()):
            yield f"{name} = {self._member(item, f'class {cls.__qualname__} holds {name}')}"

    def _member(self, item: Any, where: str) -> str:
        if inspect.ismemberdescriptor(item) or inspect.isgetsetdescriptor(item):  # of __slots__
            return item.__name__
        return self.text(item, where)

    def _object(self, value: Any) -> str:
        """Return the class and the fields."""
        kind = type(value)
        if evolves(value):
            return of_model(value, self.memory)
        usual: tuple[object, ...] = (object.__reduce__, object.__reduce_ex__, object.__getstate__)
        if is_dataclass(value) and (kind.__reduce__, kind.__reduce_ex__, kind.__getstate__) == usual:
            return f"{self.text(kind)} {self._state(_fields(value))}"
        try:
            registered = copyreg.dispatch_table.get(kind)
            made = registered(value) if registered else value.__reduce_ex__(4)
        except Exception:
            made = None
        if isinstance(made, str):
            return f"{kind.__module__}.{made}"
        if made is None or inspect.isgenerator(value) or inspect.iscoroutine(value):
            raise _UnreadableError(value)
        maker, args, state, items, pairs = (*made, None, None, None)[:5]
        texts = [self.text(kind), self.text(maker), self.text(args)]
        texts += [self._state(_without_memories(kind, state)), self._listed(items), self._listed(pairs)]
        return "(" + " ".join(texts) + ")"

    def _state(self, state: Any) -> str:
        if isinstance(state, tuple) and len(state) == 2 and all(isinstance(part, dict | None) for part in state):
            return " ".join(map(self._state, state))
        if type(state) is dict:
            inside = [f"{name} = {self.text(item, f'field {name}')}" for name, item in sorted(state.items())]
            return "{" + ", ".join(inside) + "}"
        return self.text(state)

    def _listed(self, items: Iterable[Any] | None) -> str:
        return "" if items is None else self.text(list(items))


def _is_code(value: Any) -> bool:
    kinds = (type, functools.partial, *METHODS)
    return isinstance(value, kinds) or inspect.isroutine(value) or _wrapped(value) is not None


def _wrapped(value: Any) -> Any:
    """Return the function within one that was compiled or remembers its results; None: there is none."""
    if isinstance(value, FunctionType | type):
        return None
    for name in ("py_func", "__wrapped__"):  # numba, functools
        inner = inspect.getattr_static(value, name, None)
        if isinstance(inner, FunctionType | MethodType):
            return inner
    return None


def _functions(value: Any) -> tuple[Any, ...]:
    if isinstance(value, property):
        return value.fget, value.fset, value.fdel
    return (value.func if isinstance(value, functools.cached_property) else value.__func__,)


@functools.cache
def _is_library(module: str | None) -> bool:
    """Return whether a module is not the user's code."""
    root = (module or "").split(".")[0]
    if root == "__main__":
        return False
    if root == "latticepol" or root in sys.stdlib_module_names or root in sys.builtin_module_names:
        return True
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    return file is not None and any(Path(file).resolve().is_relative_to(folder) for folder in LIBRARIES)


def _has_name(value: Any) -> bool:
    """Return whether a function or class is found in a library by its name."""
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    if not (isinstance(module, str) and isinstance(name, str) and _is_library(module)):
        return False
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = inspect.getattr_static(found, part, None)
    return getattr(found, "__func__", found) is value


def _fields(value: Any) -> dict[str, Any]:
    """Return the fields that count in a comparison, and what else the object of a user holds; the others are
    memories."""
    named = {field.name: field.compare for field in fields(value)}
    kept = {name: getattr(value, name) for name, counts in named.items() if counts}
    if _is_library(type(value).__module__):
        return kept
    more = _without_memories(type(value), vars(value)) if hasattr(value, "__dict__") else {}
    return kept | {name: item for name, item in more.items() if name not in named}


def _without_memories(kind: type, state: Any) -> Any:
    """Return a state without what ``functools.cached_property`` has put there."""
    if type(state) is not dict:
        return state
    return {
        name: item
        for name, item in state.items()
        if not isinstance(inspect.getattr_static(kind, str(name), None), functools.cached_property)
    }
