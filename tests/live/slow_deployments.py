"""A script of the proxy in front of MiniStack, for deployments of ECS that take their time or fail:
without Docker all tasks run at once there, and a deployment is over before UpdateService answers.

For `takes` seconds after an UpdateService that changed the task definition, DescribeServices is
made to tell what the API reference says of a rolling deployment that goes on: PRIMARY is
IN_PROGRESS and has no running task, and the one before is still ACTIVE, with its tasks. A revision
in `failing` starts no task: after `takes` seconds ECS's circuit breaker goes back by itself to the
deployment that was completed last, which takes as long, and the failed one is told of beside it
until then. Seconds are those of the program's own clock, as its requests are dated (x-amz-date).
"""

import json
import threading

import emulators
import proxy

BREAKER = "ECS deployment circuit breaker: tasks failed to start."
BACK = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."


def primary_of(service):
    return next(one for one in service["deployments"] if one["status"] == "PRIMARY")


def revision_of(deployment):
    return deployment["taskDefinition"].split("/")[-1]


class Service:
    """`completed` and `failed` are what tells a deployment from others; `since` is when the present
    one began, if it goes on."""

    def __init__(self, primary):
        self.completed, self.failed, self.since, self.why = primary, None, None, None

    def begin(self, now, why):
        self.since, self.why = now, why

    def complete(self, primary):
        self.completed, self.failed, self.since = primary, None, None

    def mend(self, service):
        """What MiniStack tells of it, as if it went on."""
        primary, wanted = primary_of(service), service["desiredCount"]
        others = [{**primary, **self.failed, "runningCount": 0, "rolloutState": "FAILED",
                   "rolloutStateReason": BREAKER}] if self.failed else []
        running = wanted
        if revision_of(primary) != revision_of(self.completed):
            others.append({**primary, **self.completed, "runningCount": wanted})
            running = 0
        primary.update(rolloutState="IN_PROGRESS", rolloutStateReason=self.why,
                       runningCount=running, pendingCount=wanted - running)
        service["deployments"] += [dict(one, status="ACTIVE", desiredCount=0, pendingCount=0)
                                   for one in others]


class SlowDeployments:
    def __init__(self, endpoint, takes, failing=()):
        self.ecs, self.takes = emulators.client("ecs", endpoint), takes
        self.failing, self.services, self.lock = set(failing), {}, threading.Lock()

    def __call__(self, seen):
        return {"UpdateService": self.update, "DescribeServices": self.describe}.get(seen.name)

    def find(self, cluster, name, primary):
        return self.services.setdefault((cluster, name), Service(primary))

    def primary(self, cluster, name):
        found = self.ecs.describe_services(cluster=cluster, services=[name])["services"]
        return {name: primary_of(found[0])[name] for name in ("id", "taskDefinition")}

    def update(self, handler, seen):
        asked = json.loads(seen.body)
        cluster, name = asked["cluster"], asked["service"]
        with self.lock:
            before = self.primary(cluster, name)
            service = self.find(cluster, name, before)
            answer = proxy.ask(handler, seen)
            if revision_of(self.primary(cluster, name)) != revision_of(before):
                service.failed = None
                service.begin(seen.at, "in progress")
        handler.reply(*answer)

    def describe(self, handler, seen):
        cluster = json.loads(seen.body)["cluster"]
        with self.lock:
            for (where, name), service in self.services.items():
                if where == cluster and service.since is not None:
                    self.go_on(cluster, name, service, seen.at)
            status, headers, body = proxy.ask(handler, seen)
            told = json.loads(body)
            for one in told.get("services", []):
                service = self.services.get((cluster, one["serviceName"]))
                if service and service.since is not None:
                    service.mend(one)
        handler.reply(status, headers, json.dumps(told).encode())

    def go_on(self, cluster, name, service, now):
        """What ECS has done by itself until now."""
        if now - service.since < self.takes:
            return
        primary, completed = self.primary(cluster, name), revision_of(service.completed)
        if revision_of(primary) in self.failing and revision_of(primary) != completed:
            service.failed = primary
            service.begin(now, BACK)
            self.ecs.update_service(cluster=cluster, service=name, taskDefinition=completed)
        else:
            service.complete(primary)
