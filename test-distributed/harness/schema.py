"""The part of JSON Schema 2020-12 that the contract uses. Objects of answers are read as closed: a member that the
contract does not name is a fault, so that nothing leaks unnoticed."""
import json
import re
import uuid

_TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")


class Schemas:
    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        """The node with its $ref followed; members beside the $ref win."""
        while "$ref" in node:
            target = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            rest = {name: value for name, value in node.items() if name != "$ref"}
            node = {**target, **rest} if rest else target
        return node

    def faults(self, schema, value, where=""):
        schema = self._merged(self.resolve(schema))
        found = []
        if "oneOf" in schema:
            matching = [one for one in schema["oneOf"] if not self.faults(one, value, where)]
            if len(matching) != 1:
                found.append(f"{where or '/'}: {_short(value)} fits {len(matching)} of the alternatives")
        if "type" in schema:
            names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(_TYPES[name](value) for name in names):
                return found + [f"{where or '/'}: {_short(value)} is not {'|'.join(names)}"]
        if "enum" in schema and not any(value is one or (value == one and type(value) is type(one)) for one in schema["enum"]):
            found.append(f"{where or '/'}: {_short(value)} is none of {schema['enum']}")
        if isinstance(value, str):
            found += self._text(schema, value, where)
        elif isinstance(value, dict):
            found += self._object(schema, value, where)
        elif isinstance(value, list):
            found += self._array(schema, value, where)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                found.append(f"{where}: {value} is out of range")
        return found

    def _merged(self, schema):
        if "allOf" not in schema:
            return schema
        merged = {"type": "object", "required": [], "properties": {}}
        for part in schema["allOf"]:
            part = self._merged(self.resolve(part))
            merged["required"] = merged["required"] + part.get("required", [])
            merged["properties"] = {**merged["properties"], **part.get("properties", {})}
        return merged

    @staticmethod
    def _text(schema, value, where):
        found = []
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            found.append(f"{where}: {_short(value)} has the wrong length")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{where}: {_short(value)} does not match {schema['pattern']}")
        form = schema.get("format")
        if form == "uuid":
            try:
                right = _UUID7.fullmatch(value) and uuid.UUID(value).version in (4, 7)
            except ValueError:
                right = False
        else:
            rule = {"date-time": _TIME, "uri": _URI, "email": _EMAIL}.get(form)
            right = rule is None or rule.fullmatch(value)
        if not right:
            found.append(f"{where}: {_short(value)} is not a {form}")
        return found

    def _object(self, schema, value, where):
        found = [f"{where}/{name}: missing" for name in schema.get("required", []) if name not in value]
        known = schema.get("properties", {})
        extra = schema.get("additionalProperties", not known)
        for name, member in value.items():
            place = f"{where}/{name}"
            if name in known:
                found += self.faults(known[name], member, place)
            elif extra is False:
                found.append(f"{place}: not in the contract")
            elif isinstance(extra, dict):
                found += self.faults(extra, member, place)
        if not schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", len(value)):
            found.append(f"{where}: wrong number of members")
        return found

    def _array(self, schema, value, where):
        found = []
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{where}: wrong number of entries")
        if schema.get("uniqueItems") and len({json.dumps(one, sort_keys=True) for one in value}) != len(value):
            found.append(f"{where}: entries come twice")
        for index, one in enumerate(value):
            found += self.faults(schema.get("items", {}), one, f"{where}/{index}")
        return found


def _short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + "..."
