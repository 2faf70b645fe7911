"""botocore's side: what it would send, and what it makes of an answer. Nothing leaves the machine:
a handler of `before-send` takes each request and hands out the answer that was prepared."""

import datetime

import botocore.config
import botocore.session
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ClientError, ParamValidationError
from botocore.parsers import ResponseParserError
from botocore.retries import standard

ENDPOINT = "https://oracle.example.com"

# Where a service speaks several protocols, the one that Tidelock speaks.
PROTOCOLS = {"cloudwatch": "json", "codedeploy": "json"}

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MILLISECOND = datetime.timedelta(milliseconds=1)


class Raw:
    """The body of an answer as botocore reads it."""

    def __init__(self, body):
        self.body = body

    def stream(self, *_, **__):
        yield self.body

    def read(self, *_, **__):
        body, self.body = self.body, b""
        return body


def session_with_protocols():
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def load_service_model(service, type_name, api_version=None):
        document = load(service, type_name, api_version)
        if type_name == "service-2" and service in PROTOCOLS:
            metadata = dict(document["metadata"], protocol=PROTOCOLS[service],
                            protocols=[PROTOCOLS[service]])
            document = dict(document, metadata=metadata)
        return document

    loader.load_service_model = load_service_model
    return session


def to_python(shape, value):
    """A value of ours as botocore takes it: times and blobs have types of their own there."""
    if shape is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {name: to_python(shape.members.get(name), item) for name, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [to_python(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {name: to_python(shape.value, item) for name, item in value.items()}
    if kind == "timestamp" and isinstance(value, int):
        return EPOCH + value * MILLISECOND
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    return value


def to_plain(value):
    """What botocore read, as a value of ours."""
    if isinstance(value, dict):
        return {name: to_plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return round((value - EPOCH) / MILLISECOND)
    if hasattr(value, "read"):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else value


class Service:
    def __init__(self, session, name):
        config = botocore.config.Config(retries={"total_max_attempts": 1, "mode": "standard"})
        self.client = session.create_client(
            name, region_name="eu-west-1", endpoint_url=ENDPOINT, config=config,
            aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")
        self.model = self.client.meta.service_model
        self.client.meta.events.register("before-send", self.take)
        self.sent, self.prepared = None, None

    def take(self, request, **_):
        self.sent = request
        status, headers, body = self.prepared
        return AWSResponse(request.url, status, HeadersDict(headers), Raw(body))

    def request(self, action, given):
        """The request, or why botocore refuses the parameters."""
        shape = self.model.operation_model(action).input_shape
        self.sent, self.prepared = None, (204, {}, b"")
        try:
            self.client._make_api_call(action, to_python(shape, given))
        except ParamValidationError as problem:
            return None, str(problem)
        except Exception as problem:  # an answer without a body is not what every reader wants
            if self.sent is None:
                return None, repr(problem)
        return self.sent, None

    def answer(self, action, given, response):
        """What an answer is read as: ("ok", output) or ("error", code, message, response)."""
        shape = self.model.operation_model(action).input_shape
        self.prepared = response
        try:
            output = self.client._make_api_call(action, to_python(shape, given))
        except ClientError as problem:
            error = problem.response.get("Error", {})
            return "error", error.get("Code"), error.get("Message") or "", problem.response
        except ResponseParserError:
            return "error", None, "", {}
        output.pop("ResponseMetadata", None)
        return "ok", to_plain(output)


def retry_class(parsed, status):
    """Why botocore would make a request again: "throttling", "transient" or None."""
    class Answer:
        status_code = status
        headers = {}

    context = standard.RetryContext(attempt_number=1, parsed_response=parsed,
                                    http_response=Answer(), caught_exception=None)
    if standard.ThrottledRetryableChecker().is_retryable(context):
        return "throttling"
    return "transient" if standard.TransientRetryableChecker().is_retryable(context) else None


def delay(attempt, throttled, unit, after):
    """How long botocore would wait, in ms."""
    class Answer:
        headers = {} if after is None else {"x-amz-retry-after": after}

    class Detector:
        def is_throttling_error_from_context(self, _):
            return throttled

    context = standard.RetryContext(attempt_number=attempt, http_response=Answer())
    backoff = standard.ExponentialBackoff(random=lambda: unit, throttling_detector=Detector())
    return backoff.delay_amount(context) * 1000
