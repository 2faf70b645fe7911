"""Our own scripted CloudWatch. No emulator of AWS has what latencies are compared by:
`SampleCount`, `TC(:t)` and percentiles of one metric; and of alarms none has all: composite ones,
pages and an evaluation that failed. It answers GetMetricData and DescribeAlarms, to the program in
JSON and to boto3 in CBOR, as AWS does, over numbers that a script makes of a second's number, and
over what alarms are said to say.

The statistics are those of AWS's page "CloudWatch statistics definitions": TC(:t) is how many
values are at most t; percentiles, which AWS says it estimates, are interpolated.
"""

import datetime
import io
import json
import struct
from http.server import BaseHTTPRequestHandler

import emulators

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


# --- CBOR, as far as it is needed (RFC 8949) ---


def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    size = 0 if value < 1 << 8 else 1 if value < 1 << 16 else 2 if value < 1 << 32 else 3
    return bytes([major << 5 | 24 + size]) + value.to_bytes(1 << size, "big")


def encode(value):
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, datetime.datetime):
        return head(6, 1) + encode((value - EPOCH).total_seconds())
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    return head(4, len(value)) + b"".join(map(encode, value))


def decode(stream):
    first = stream.read(1)[0]
    major, more = first >> 5, first & 31
    if major == 7:
        sizes = {20: False, 21: True, 22: None}
        return sizes[more] if more in sizes else struct.unpack(
            {26: ">f", 27: ">d"}[more], stream.read(4 if more == 26 else 8))[0]
    count = more if more < 24 else int.from_bytes(stream.read(1 << more - 24), "big")
    if major in (0, 1):
        return count if major == 0 else -1 - count
    if major in (2, 3):
        raw = stream.read(count)
        return raw.decode() if major == 3 else raw
    if major == 4:
        return [decode(stream) for _ in range(count)]
    if major == 5:
        return {decode(stream): decode(stream) for _ in range(count)}
    return decode(stream)  # a tag: the time that follows is in seconds


# --- statistics ---


def percentile(values, percent):
    """Of sorted values, straight between the two that it lies between."""
    rank = percent / 100 * (len(values) - 1)
    low = int(rank)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (rank - low)


def statistic(stat, values):
    """Of the values of one period, sorted; None where there is no datapoint."""
    if not values:
        return None
    if stat == "SampleCount":
        return float(len(values))
    if stat == "Sum":
        return float(sum(values))
    if stat == "Average":
        return sum(values) / len(values)
    if stat.startswith("TC(:") and stat.endswith(")"):
        most = float(stat[4:-1])
        return float(sum(value <= most for value in values))
    if stat.startswith("p"):
        return percentile(values, float(stat[1:]))
    raise ValueError("no such statistic: " + stat)


# --- the server ---


class CloudWatch(emulators.Serving):
    """`script(metric, dimensions, second)` gives the values of one metric in one second, or None
    where there is none."""

    def __init__(self, script, alarms=dict, page=100):
        """alarms() gives {name: {"StateValue", "Composite", ...}}; so many are on a page."""
        self.script, self.asked, self.alarms, self.page = script, set(), alarms, page
        self.alarms_asked = []  # (region, input)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                cbor = self.path.startswith("/service/")
                question = decode(io.BytesIO(body)) if cbor else json.loads(body)
                operation = (self.path if cbor else self.headers["X-Amz-Target"]).rstrip("/")
                answer = outer.carry_out(operation, question, cbor, self.headers)
                out = encode(answer) if cbor else json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/cbor" if cbor
                                 else "application/x-amz-json-1.0")
                if cbor:
                    self.send_header("smithy-protocol", "rpc-v2-cbor")
                self.send_header("Content-Length", str(len(out)))
                self.end_headers()
                self.wfile.write(out)

            def log_message(self, *_):
                pass
        self.serve(Handler).begin()

    def carry_out(self, operation, question, cbor, headers):
        if operation.endswith("DescribeAlarms"):
            region = headers["Authorization"].split("Credential=")[1].split("/")[2]
            self.alarms_asked.append((region, question))
            return self.describe(question, cbor, region)
        assert operation.endswith("GetMetricData"), operation
        return self.answer(question, cbor)

    def describe(self, question, cbor, region):
        """As AWS does: without AlarmTypes no composite alarm is shown, and composite ones come
        first."""
        types = question.get("AlarmTypes") or ["MetricAlarm"]
        names = question.get("AlarmNames")
        found = [(not said.get("Composite"), name) for name, said in self.alarms().items()
                 if (not names or name in names) and said.get("region", region) == region
                 and ("CompositeAlarm" if said.get("Composite") else "MetricAlarm") in types]
        first = int(question.get("NextToken", 0))
        most = min(question.get("MaxRecords", 50), self.page)
        shown = sorted(found)[first:first + most]
        answer = {"MetricAlarms": [self.alarm(name, cbor, region) for metric, name in shown
                                   if metric],
                  "CompositeAlarms": [self.alarm(name, cbor, region) for metric, name in shown
                                      if not metric]}
        if first + most < len(found):
            answer["NextToken"] = str(first + most)
        return answer

    def alarm(self, name, cbor, region):
        said = self.alarms()[name]
        since = said.get("since", 1772442000)
        if cbor:
            since = EPOCH + datetime.timedelta(seconds=since)
        shown = {"AlarmName": name, "StateValue": said["StateValue"],
                 "AlarmArn": "arn:aws:cloudwatch:%s:123456789012:alarm:%s" % (region, name),
                 "StateReason": said.get("StateReason", ""), "StateUpdatedTimestamp": since,
                 "StateTransitionedTimestamp": since}
        if "EvaluationState" in said:
            shown["EvaluationState"] = said["EvaluationState"]
        return shown

    def answer(self, question, cbor):
        start, end = (int(round(question[name])) for name in ("StartTime", "EndTime"))
        return {"Messages": [], "MetricDataResults": [
            self.result(query, start, end, cbor) for query in question["MetricDataQueries"]]}

    def result(self, query, start, end, cbor):
        stat, stamps, values = query["MetricStat"], [], []
        metric, period = stat["Metric"], stat["Period"]
        dimensions = {one["Name"]: one["Value"] for one in metric.get("Dimensions", [])}
        self.asked.add((metric["MetricName"], stat["Stat"], tuple(sorted(dimensions.items()))))
        for at in range(start - start % period, end, period):
            seconds = [self.script(metric["MetricName"], dimensions, second)
                       for second in range(at, at + period)]
            found = statistic(stat["Stat"], sorted(value for second in seconds
                                                   for value in second or ()))
            if found is not None:
                stamps.append(EPOCH + datetime.timedelta(seconds=at) if cbor else at)
                values.append(found)
        return {"Id": query["Id"], "Label": query["Id"], "StatusCode": "Complete",
                "Timestamps": stamps, "Values": values}
