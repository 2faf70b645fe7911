"""A scripted AppConfig of our own, for what no emulator does: deployments take their time, one goes
on in an environment at a time, what bakes or is complete is stopped with Allow-Revert only, alarms
roll back, versions and deployments are compared before they are written.

It speaks REST-JSON as AWS documents it, control and data plane. boto3 makes what is in it and
reads it back, so that it is known to be the real wire. What a test may set, for one application:

    pace      seconds that a deployment is DEPLOYING, BAKING and ROLLING_BACK
    before    function(application, action): what somebody else does right before that request
"""

import base64
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import emulators
import harness

OVER = {"COMPLETE", "ROLLED_BACK", "REVERTED"}


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code = status, code


def stamp(at):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + ".%03dZ" % (at % 1 * 1000)


class Deployment:
    def __init__(self, application, number, asked, strategy):
        self.application, self.number, self.asked = application, number, asked
        self.strategy, self.started, self.stopped, self.by = strategy, time.time(), None, None
        self.was_complete = False

    def passed(self):
        """(state, when it came to it)"""
        deploying, baking, rolling = self.application.pace
        now = time.time()
        if self.stopped:
            if now < self.stopped + rolling:
                return "ROLLING_BACK", self.stopped
            return "REVERTED" if self.was_complete else "ROLLED_BACK", self.stopped + rolling
        for state, until in (("DEPLOYING", deploying), ("BAKING", deploying + baking)):
            if now < self.started + until:
                return state, self.started
        return "COMPLETE", self.started + deploying + baking

    @property
    def state(self):
        return self.passed()[0]

    def stop(self, by):
        self.was_complete, self.stopped, self.by = self.state == "COMPLETE", time.time(), by

    def shown(self):
        state, since = self.passed()
        asked, strategy = self.asked, self.strategy
        document = {
            "ApplicationId": self.application.id, "EnvironmentId": "env0001",
            "DeploymentNumber": self.number, "State": state,
            "DeploymentStrategyId": strategy["Id"], "ConfigurationLocationUri": "hosted",
            "ConfigurationProfileId": asked["ConfigurationProfileId"],
            "ConfigurationName": "flags", "ConfigurationVersion": asked["ConfigurationVersion"],
            "Description": asked.get("Description", ""), "StartedAt": stamp(self.started),
            "DeploymentDurationInMinutes": strategy["DeploymentDurationInMinutes"],
            "FinalBakeTimeInMinutes": strategy["FinalBakeTimeInMinutes"],
            "GrowthType": "LINEAR", "GrowthFactor": 100.0,
            "PercentageComplete": 0.0 if self.stopped else 100.0,
            "EventLog": [{"EventType": "DEPLOYMENT_STARTED", "TriggeredBy": "USER",
                          "OccurredAt": stamp(self.started), "Description": "started"}]}
        if self.stopped:
            document["EventLog"].insert(0, {
                "EventType": "ROLLBACK_STARTED", "TriggeredBy": self.by,
                "OccurredAt": stamp(self.stopped), "Description": "rolled back"})
        if state in OVER:
            document["CompletedAt"] = stamp(since)
        return document


class Application:
    """With one environment and one profile, which are called env0001 and prf0001."""

    def __init__(self, number, name):
        self.id, self.name = "app%04d" % number, name
        self.pace, self.before = (0.0, 0.0, 0.0), lambda *_: None
        self.versions, self.deployments, self.requests = [], [], []

    def in_effect(self):
        """The version that the hosts are given."""
        kept = [one for one in self.deployments if not one.stopped]
        return self.versions[int(kept[-1].asked["ConfigurationVersion"]) - 1]

    def wait_for(self, state):
        harness.support.wait_until(state, lambda: self.deployments[-1].state == state)


def conflict(message):
    return Refused(409, "ConflictException", message)


class AppConfig:
    def __init__(self):
        self.applications, self.strategies = {}, []
        self.lock = threading.RLock()
        self.server = emulators.Server(("127.0.0.1", 0), Handler)
        self.server.appconfig = self
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def find(self, name):
        for one in self.applications.values():
            if name in (one.id, one.name):
                return one
        raise Refused(404, "ResourceNotFoundException", "Application %s could not be found" % name)

    def answer(self, request):
        """(status, headers, body): the first row of ROUTES that fits does it."""
        with self.lock:
            for method, pattern, action in ROUTES:
                found = re.fullmatch(pattern, request.path)
                if found and method == request.method:
                    if found.groups():
                        application = self.find(found.group(1))
                        application.requests.append((action.__name__, request.headers))
                        application.before(application, action.__name__)
                        return action(self, request, application, *found.groups()[1:])
                    return action(self, request)
        raise Refused(404, "ResourceNotFoundException", "no such resource: " + request.path)

    # --- what there is ---

    def create_application(self, request):
        one = Application(len(self.applications) + 1, request.document["Name"])
        self.applications[one.id] = one
        return document(201, {"Id": one.id, "Name": one.name})

    def create_environment(self, request, application):
        return document(201, {"ApplicationId": application.id, "Id": "env0001",
                              "Name": request.document["Name"], "State": "READY_FOR_DEPLOYMENT"})

    def create_profile(self, _, application):
        return document(201, profile(application))

    def get_profile(self, _, application, __):
        return document(200, profile(application))

    def create_strategy(self, request):
        one = dict(request.document, Id="str%04d" % (len(self.strategies) + 1))
        one.setdefault("FinalBakeTimeInMinutes", 0)
        self.strategies.append(one)
        return document(201, one)

    def list_strategies(self, _):
        return document(200, {"Items": self.strategies})

    def strategy(self, name):
        for one in self.strategies:
            if one["Id"] == name:
                return one
        raise Refused(404, "ResourceNotFoundException", "Strategy %s could not be found" % name)

    # --- versions ---

    def create_version(self, request, application, _):
        latest, given = len(application.versions), request.headers.get("latest-version-number")
        if given is not None and int(given) != latest:
            raise conflict("Latest version number is %d, not %s" % (latest, given))
        application.versions.append(request.body)
        return version(201, application, latest + 1, request.headers.get("content-type"))

    def get_version(self, _, application, __, number):
        return version(200, application, int(number), "application/json")

    def list_versions(self, _, application, __):
        return document(200, {"Items": [
            {"ApplicationId": application.id, "ConfigurationProfileId": "prf0001",
             "VersionNumber": number + 1, "ContentType": "application/json"}
            for number in reversed(range(len(application.versions)))]})

    # --- deployments ---

    def start_deployment(self, request, application, _):
        number, asked = len(application.deployments), request.document
        if number and application.deployments[-1].state not in OVER:
            raise conflict("Deployment %d is in progress in this environment" % number)
        if asked.get("LatestDeploymentNumber", number) != number:
            raise conflict("The latest deployment is %d" % number)
        one = Deployment(application, number + 1, asked,
                         self.strategy(asked["DeploymentStrategyId"]))
        application.deployments.append(one)
        return document(201, one.shown())

    def get_deployment(self, _, application, __, number):
        return document(200, application.deployments[int(number) - 1].shown())

    def list_deployments(self, _, application, __):
        return document(200, {"Items": [one.shown() for one in reversed(application.deployments)]})

    def stop_deployment(self, request, application, _, number):
        one = application.deployments[int(number) - 1]
        revert = request.headers.get("allow-revert") == "true"
        if one.state not in ("DEPLOYING", *(("BAKING", "COMPLETE") if revert else ())):
            raise Refused(400, "BadRequestException", "Deployment %s is %s and cannot be stopped"
                          % (number, one.state))
        one.stop("USER")
        return document(202, one.shown())

    # --- the data plane ---

    def start_session(self, request):
        application = self.find(request.document["ApplicationIdentifier"])
        return document(201, {"InitialConfigurationToken": token(application)})

    def get_configuration(self, request):
        name = base64.b64decode(request.query["configuration_token"][0]).decode()
        application = self.find(name)
        return 200, [("Content-Type", "application/json"), ("Next-Poll-Interval-In-Seconds", "15"),
                     ("Next-Poll-Configuration-Token", token(application))], application.in_effect()


def token(application):
    return base64.b64encode(application.id.encode()).decode()


def document(status, content):
    return status, [("Content-Type", "application/json")], json.dumps(content).encode()


def version(status, application, number, kind):
    return status, [("Application-Id", application.id), ("Configuration-Profile-Id", "prf0001"),
                    ("Version-Number", str(number)), ("Content-Type", kind)], \
        application.versions[number - 1]


def profile(application):
    return {"ApplicationId": application.id, "Id": "prf0001", "Name": "flags",
            "LocationUri": "hosted", "Type": "AWS.AppConfig.FeatureFlags"}


ONE = "/applications/([^/]+)"
ENVIRONMENT, PROFILE = ONE + "/environments/([^/]+)", ONE + "/configurationprofiles/([^/]+)"
ROUTES = [
    ("POST", "/applications", AppConfig.create_application),
    ("POST", ONE + "/environments", AppConfig.create_environment),
    ("POST", ONE + "/configurationprofiles", AppConfig.create_profile),
    ("GET", PROFILE, AppConfig.get_profile),
    ("POST", "/deploymentstrategies", AppConfig.create_strategy),
    ("GET", "/deploymentstrategies", AppConfig.list_strategies),
    ("POST", PROFILE + "/hostedconfigurationversions", AppConfig.create_version),
    ("GET", PROFILE + "/hostedconfigurationversions", AppConfig.list_versions),
    ("GET", PROFILE + "/hostedconfigurationversions/([0-9]+)", AppConfig.get_version),
    ("POST", ENVIRONMENT + "/deployments", AppConfig.start_deployment),
    ("GET", ENVIRONMENT + "/deployments", AppConfig.list_deployments),
    ("GET", ENVIRONMENT + "/deployments/([0-9]+)", AppConfig.get_deployment),
    ("DELETE", ENVIRONMENT + "/deployments/([0-9]+)", AppConfig.stop_deployment),
    ("POST", "/configurationsessions", AppConfig.start_session),
    ("GET", "/configuration", AppConfig.get_configuration),
]


class Request:
    def __init__(self, method, url, headers, body):
        parts = urlsplit(url)
        self.method, self.path, self.query = method, parts.path, parse_qs(parts.query)
        self.headers, self.body = headers, body

    @property
    def document(self):
        return json.loads(self.body)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def carry(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = self.server.appconfig.answer(Request(self.command, self.path, headers, body))
        except Refused as refused:
            answer = document(refused.status, {"Message": str(refused)})
            answer[1].append(("x-amzn-ErrorType", refused.code))
        status, more, content = answer
        self.send_response_only(status)
        for name, value in [*more, ("Content-Length", str(len(content)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = carry

    def log_message(self, *_):
        pass
