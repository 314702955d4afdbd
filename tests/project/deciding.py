"""Where code tells one kind of model from another (docs/developers/architecture.md: ask the model itself)."""

import ast

from rooms import PUBLIC, room_of

#: Rooms that hold models, and their public names.
MODELS = {"pseudospin", "gpe", "network"}
CLASSES = {name for name, place in PUBLIC.items() if room_of(place) in MODELS and name[0].isupper()}
#: What a model is called, and the Protocols that an argument which is one is annotated with (latticepol/model.py).
MODEL_NAMES = {"model", "net", "network", "site"}
PROTOCOLS = {"Parametric", "Evolvable", "Linearisable", "Stationary", "Periodic", "Cuttable"}
#: Functions that tell kinds of objects apart, and attributes that do.
DECIDING = {"isinstance", "issubclass", "hasattr", "getattr", "getattr_static", "type", "vars", "dir"}
DECIDING_ATTRIBUTES = {"__class__", "__dict__", "__name__", "__qualname__", "__module__"}
#: What parts of some models are called: a dimension, an auxiliary field, starts. A third model has others.
PARTS = {"site", "reservoir", "noise", "aligned", "anti-aligned", "antiferro"}


def decisions(source):
    """Lines of a text that ask of what class a model is, or whether it has a member."""
    tree = ast.parse(source)
    models = _models(tree)
    return sorted({node.lineno for node in ast.walk(tree) if _asks(node, models)})


def _models(tree):
    """Names that stand for a model: the usual ones, arguments annotated as one, and what one is assigned to."""
    nodes = list(ast.walk(tree))
    names = MODEL_NAMES | {
        n.arg for n in nodes if isinstance(n, ast.arg) and n.annotation and _words(n.annotation) & PROTOCOLS
    }
    for node in nodes:
        if isinstance(node, ast.Assign | ast.NamedExpr) and _is_model(node.value, names):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = names | {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _words(node):
    """Every name in an expression, the last part of dotted ones."""
    inside = list(ast.walk(node))
    return {n.id for n in inside if isinstance(n, ast.Name)} | {n.attr for n in inside if isinstance(n, ast.Attribute)}


def _is_model(node, names):
    """``model``, ``self.model``, ``self._model``."""
    last = getattr(node, "id", getattr(node, "attr", ""))
    return isinstance(node, ast.Name | ast.Attribute) and last.lstrip("_") in names


def _asks(node, models):
    match node:
        case ast.Call(args=[first, *rest]) if _words(node.func) & DECIDING:
            return _is_model(first, models) or any(_words(one) & CLASSES for one in rest)
        case ast.Attribute(attr=attribute) if attribute in DECIDING_ATTRIBUTES:
            return _is_model(node.value, models) or bool(_words(node.value) & CLASSES)
        case ast.Match(subject=subject):
            classes = (one.cls for one in ast.walk(node) if isinstance(one, ast.MatchClass))
            return _is_model(subject, models) or any(_words(one) & CLASSES for one in classes)
        case ast.Try(body=body, handlers=handlers):
            caught = any(handler.type is None or "AttributeError" in _words(handler.type) for handler in handlers)
            return caught and _uses_member(body, models)
        case ast.With(items=items, body=body):
            return any({"suppress", "AttributeError"} <= _words(one) for one in items) and _uses_member(body, models)
    return False


def _uses_member(body, models):
    nodes = (node for statement in body for node in ast.walk(statement))
    return any(isinstance(node, ast.Attribute) and _is_model(node.value, models) for node in nodes)


def named_parts(source):
    """Lines of a text in which the name of a part of some model decides, is looked up, or makes another name."""
    return sorted({node.lineno for node in ast.walk(ast.parse(source)) if _by_name(node)})


def _by_name(node):
    match node:
        case ast.Compare(left=left, comparators=others):
            return any(_names_part(one) for side in (left, *others) for one in ast.walk(side))
        case ast.Subscript(slice=key):
            return _names_part(key)
        case ast.Call(func=ast.Attribute(attr="get" | "pop" | "startswith" | "endswith"), args=[key, *_]):
            return _names_part(key)
        case ast.MatchValue(value=value):
            return _names_part(value)
        case ast.JoinedStr(values=values):  # f"{name}_reservoir"
            texts = [one.value.strip("_") for one in values if isinstance(one, ast.Constant)]
            return any(text in PARTS for text in texts)
    return False


def _names_part(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip("_") in PARTS
