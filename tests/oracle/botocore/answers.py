"""Answers as AWS would write them, made from botocore's own model: whole, empty, and in between."""

import datetime
import email.utils
import json
from xml.sax.saxutils import escape

TIME = datetime.datetime(2025, 11, 24, 16, 0, 0, 123000, tzinfo=datetime.timezone.utc)
WHOLE_TIME = TIME.replace(microsecond=0)

# What each kind of value is in each of the answers.
LEAVES = {
    "full": {"string": "é <&> \"'] ]>", "integer": 7, "long": 9007199254740993, "boolean": True,
             "double": 0.1, "float": 0.5, "timestamp": TIME, "blob": b"bytes"},
    "plain": {"string": "text", "integer": 65535, "long": -1, "boolean": False, "double": 5.0,
              "float": 1e-7, "timestamp": WHOLE_TIME, "blob": b"{}"},
    "zero": {"string": "", "integer": 0, "long": 0, "boolean": False, "double": 0.0, "float": 0.0,
             "timestamp": WHOLE_TIME, "blob": b""},
}


def value_of(shape, form, depth=0):
    kind = shape.type_name
    if kind == "structure":
        if depth > 12:
            return {}
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False):
            names = names[-1:] if form == "plain" else names[:1]
        return {name: value_of(shape.members[name], form, depth + 1) for name in names}
    if kind == "list":
        count = {"full": 2, "plain": 1, "zero": 0}[form]
        return [value_of(shape.member, form, depth + 1) for _ in range(count)]
    if kind == "map":
        keys = {"full": ["k1", "k 2"], "plain": ["k"], "zero": []}[form]
        return {key: value_of(shape.value, form, depth + 1) for key in keys}
    if kind == "string" and getattr(shape, "enum", None):
        return shape.enum[0]
    return LEAVES[form][kind]


def time_text(value, shape, default):
    form = (shape.serialization.get("timestampFormat") or default).lower()
    if form == "iso8601":
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (value.microsecond // 1000)
    if form == "rfc822":
        return email.utils.format_datetime(value.replace(microsecond=0), usegmt=True)
    return value.timestamp()


def text_of(shape, value, default):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return str(time_text(value, shape, default))
    return value.decode() if isinstance(value, bytes) else str(value)


def xml_of(shape, name, value):
    kind = shape.type_name
    if kind == "structure":
        inside = "".join(xml_of(shape.members[of], shape.members[of].serialization.get("name", of),
                                item) for of, item in value.items())
    elif kind == "list":
        of = shape.member.serialization.get("name", "member")
        inside = "".join(xml_of(shape.member, of, item) for item in value)
    elif kind == "map":
        inside = "".join("<entry>%s%s</entry>" % (xml_of(shape.key, "key", key),
                                                  xml_of(shape.value, "value", item))
                         for key, item in value.items())
    else:
        inside = escape(text_of(shape, value, "iso8601"))
    return "<%s>%s</%s>" % (name, inside, name)


def json_of(shape, value):
    kind = shape.type_name
    if kind == "structure":
        return {shape.members[name].serialization.get("name", name):
                json_of(shape.members[name], item) for name, item in value.items()}
    if kind == "list":
        return [json_of(shape.member, item) for item in value]
    if kind == "map":
        return {key: json_of(shape.value, item) for key, item in value.items()}
    if kind == "timestamp":
        return time_text(value, shape, "unixtimestamp")
    return value


def query_answer(operation, value):
    shape = operation.output_shape
    result = ""
    if shape is not None:
        result = xml_of(shape, shape.serialization["resultWrapper"], value)
    body = ("<?xml version=\"1.0\"?>\n<%sResponse xmlns=\"https://example.com/doc/\">%s"
            "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></%sResponse>"
            % (operation.name, result, operation.name))
    return {"Content-Type": "text/xml"}, body


def rest_answer(shape, value):
    headers, rest = {"Content-Type": "application/json"}, {}
    payload = shape.serialization.get("payload")
    for name, item in value.items():
        member = shape.members[name]
        location = member.serialization.get("location")
        if location == "header":
            headers[member.serialization.get("name", name)] = text_of(
                member, item, "rfc822").encode("ascii", "ignore").decode()
        elif location is None and name != payload:
            rest[name] = item
    if payload is None:
        members = {shape.members[name].serialization.get("name", name):
                   json_of(shape.members[name], item) for name, item in rest.items()}
        return headers, json.dumps(members)
    member = shape.members[payload]
    if member.type_name in ("blob", "string"):
        return headers, text_of(member, value.get(payload, b""), "iso8601")
    return headers, json.dumps(json_of(member, value.get(payload, {})))


def write(protocol, operation, value):
    """(status, headers, body) of a success."""
    shape = operation.output_shape
    if protocol == "query":
        headers, body = query_answer(operation, value)
    elif shape is None:
        headers, body = {}, "" if protocol == "rest-json" else "{}"
    elif protocol == "rest-json":
        headers, body = rest_answer(shape, value)
    else:
        headers, body = {"Content-Type": "application/json"}, json.dumps(json_of(shape, value))
    headers["x-amzn-RequestId"] = "id"
    return operation.http.get("responseCode", 200), headers, body.encode()


def nulls(shape):
    members = {shape.members[name].serialization.get("name", name): None
               for name in shape.members
               if shape.members[name].serialization.get("location") is None}
    return 200, {"Content-Type": "application/json"}, json.dumps(members).encode()


def successes(protocol, operation):
    """Every success that is tried, by name."""
    shape = operation.output_shape
    if shape is None:
        return {"nothing": write(protocol, operation, {})}
    tried = {form: write(protocol, operation, value_of(shape, form)) for form in LEAVES}
    tried["empty"] = write(protocol, operation, {})
    if protocol != "query" and not shape.serialization.get("payload"):
        tried["nulls"] = nulls(shape)
    return tried


# Errors: code, status, message.
COMMON = [
    ("AccessDeniedException", 400, "no permission"), ("ExpiredTokenException", 403, "too old"),
    ("ThrottlingException", 400, "Rate exceeded"), ("Throttling", 400, "Rate exceeded"),
    ("RequestLimitExceeded", 503, "slow"), ("InternalFailure", 500, "oh"),
    ("ServiceUnavailable", 503, ""), ("ValidationError", 400, "é <&> \"quoted\""),
    ("RequestTimeout", 400, "too slow"), ("LimitExceededException", 400, "enough"),
    ("PriorRequestNotComplete", 400, "wait"),
]


def modelled(operation):
    found = []
    for shape in operation.error_shapes:
        error = shape.metadata.get("error", {})
        status = error.get("httpStatusCode") or (500 if shape.metadata.get("fault") else 400)
        found.append((shape.name, error.get("code", shape.name), status))
    return found


def query_error(code, message):
    return ({"Content-Type": "text/xml"},
            "<ErrorResponse xmlns=\"https://example.com/doc/\"><Error><Type>Sender</Type>"
            "<Code>%s</Code><Message>%s</Message></Error><RequestId>id</RequestId>"
            "</ErrorResponse>" % (code, escape(message)))


def errors(protocol, operation, query_compatible):
    """(what it is, status, headers, body) of every error that is tried."""
    tried = [(code, code, status, message) for code, status, message in COMMON]
    tried += [(name, code, status, "about " + name) for name, code, status in modelled(operation)]
    for name, code, status, message in tried:
        if protocol == "query":
            headers, body = query_error(code, message)
        elif protocol == "rest-json":
            headers = {"x-amzn-errortype": name + ":http://internal.example.com/"}
            body = json.dumps({"message": message})
        else:
            headers, body = {}, json.dumps({"__type": "com.example#" + name, "message": message})
            if query_compatible:
                headers["x-amzn-query-error"] = code + ";Sender"
        yield name, status, dict(headers, **{"x-amzn-RequestId": "id"}), body.encode()
    for status in (403, 404, 500, 502, 503, 504):
        page = b"<html><body><h1>A proxy says no</h1></body></html>"
        yield "page %d" % status, status, {"Content-Type": "text/html"}, page
        yield "nothing %d" % status, status, {}, b""
