"""What moto does not do for ECS, supplied by our own scripted proxy in front of it.

moto keeps what UpdateService says, and DescribeServices goes on telling of the first deployment, in
progress for ever and without a task. Here a service is steady at first, and its answers to
DescribeServices are mended by what the API reference says of a rolling deployment:

    taskDefinition             as an ARN, where moto repeats the text it was sent
    deployments                PRIMARY, of that revision: rolloutState IN_PROGRESS for `takes`
                               seconds after an UpdateService that changed it, then COMPLETED;
                               meanwhile the one before as ACTIVE, with its tasks running
    runningCount, pendingCount of the service and of each deployment

Seconds are those of the program's own clock, as its requests are dated (x-amz-date). All else is
moto's. A revision in `failing` starts no task: after `takes` seconds ECS's circuit breaker goes
back by itself to the revision of the last deployment that was completed, which takes as long, and
the failed one is told of beside it until then. That, too, is done to moto by this proxy.
"""

import json
import threading

import proxy
import emulators

BREAKER = "ECS deployment circuit breaker: tasks failed to start."
BACK = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."


class Course:
    """The revisions that a service was told to run: [(since, revision, why)...]."""

    def __init__(self, revision):
        self.told = [(0, revision, None)]
        self.completed, self.failed = revision, None

    def tell(self, at, revision, why=None):
        if revision != self.told[-1][1]:
            self.told.append((at, revision, why))


class Ecs:
    """A script of the proxy."""

    def __init__(self, endpoint, takes, failing=()):
        self.ecs, self.takes, self.failing = emulators.client("ecs", endpoint), takes, set(failing)
        self.courses, self.lock = {}, threading.Lock()

    def __call__(self, seen):
        return {"UpdateService": self.update, "DescribeServices": self.describe}.get(seen.name)

    def course(self, asked, name):
        key = asked.get("cluster", "default"), name
        if key not in self.courses:
            found = self.ecs.describe_services(cluster=key[0], services=[name])["services"]
            self.courses[key] = Course(found[0]["taskDefinition"].split("/")[-1]) if found else None
        return self.courses[key]

    def update(self, handler, seen):
        asked = json.loads(seen.body)
        with self.lock:
            course = self.course(asked, asked["service"])
            answer = proxy.ask(handler, seen)
            if answer[0] == 200 and "taskDefinition" in asked:
                course.failed = None
                course.tell(seen.at, asked["taskDefinition"].split("/")[-1])
        handler.reply(*answer)

    def describe(self, handler, seen):
        asked = json.loads(seen.body)
        with self.lock:
            courses = {name: self.course(asked, name) for name in asked["services"]}
            for name, course in courses.items():
                if course:
                    self.go_on(asked, name, course, seen.at)
            status, headers, body = proxy.ask(handler, seen)
            told = json.loads(body)
            for service in told.get("services", []):
                mend(service, courses[service["serviceName"]])
        handler.reply(status, headers, json.dumps(told).encode())

    def go_on(self, asked, name, course, now):
        """What ECS has done by itself until now."""
        since, revision, _ = course.told[-1]
        if now - since < self.takes:
            return
        if revision not in self.failing or revision == course.completed:
            course.completed, course.failed = revision, None
            return
        course.failed = revision
        course.tell(now, course.completed, BACK)
        self.ecs.update_service(cluster=asked["cluster"], service=name,
                                taskDefinition=course.completed)


def mend(service, course):
    _, revision, why = course.told[-1]
    primary, wanted = service["deployments"][0], service["desiredCount"]
    arn = service["serviceArn"].split(":service/")[0] + ":task-definition/"
    steady = revision == course.completed and not course.failed
    others = {course.failed: (0, "FAILED", BREAKER)} if course.failed else {}
    if revision != course.completed:
        others[course.completed] = (wanted, "COMPLETED", "")
    service.update(taskDefinition=arn + revision, runningCount=wanted, pendingCount=0)
    primary.update(taskDefinition=arn + revision, runningCount=wanted, pendingCount=0,
                   rolloutState="COMPLETED")
    if not steady:
        running = wanted if revision == course.completed else 0
        primary.update(rolloutState="IN_PROGRESS", runningCount=running,
                       pendingCount=wanted - running, rolloutStateReason=why or "in progress")
    service["deployments"] += [
        dict(primary, id="ecs-svc/" + other, status="ACTIVE", taskDefinition=arn + other,
             desiredCount=0, runningCount=running, pendingCount=0, rolloutState=state,
             rolloutStateReason=reason) for other, (running, state, reason) in others.items()]
