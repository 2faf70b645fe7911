"""Where requests go: every service in every region that botocore knows, plain, FIPS, dual-stack and
both, against botocore's endpoint rule sets."""

import itertools
import subprocess

from botocore.endpoint_provider import EndpointProvider

MORE = ["sso"]  # beside those of the catalogue


def questions(session, services):
    """(host, region, fips, dual, URL) of every combination."""
    loader = session.get_component("data_loader")
    partitions = loader.load_data("partitions")
    regions = [region for partition in partitions["partitions"] for region in partition["regions"]
               if not region.endswith("-global")]
    for service in services:
        rules = loader.load_service_model(service, "endpoint-rule-set-1")
        provider = EndpointProvider(rules, partitions)
        host = session.get_service_model(service).endpoint_prefix
        fixed = {"UseGlobalEndpoint": False} if "UseGlobalEndpoint" in rules["parameters"] else {}
        for region, fips, dual in itertools.product(regions, (False, True), (False, True)):
            found = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual,
                                              **fixed)
            yield host, region, fips, dual, found.url


def compare(program, session, services, tally):
    """`services` is a set of botocore's names."""
    asked = list(questions(session, sorted(services | set(MORE))))
    lines = "".join("%s %s %d %d\n" % one[:4] for one in asked)
    ours = subprocess.run([program], input=lines, capture_output=True, text=True,
                          check=True).stdout.splitlines()
    tally.check(len(ours), len(asked), "endpoints", "answers")
    for mine, (host, region, fips, dual, url) in zip(ours, asked):
        tally.check(mine, url, "endpoint", host, region, "FIPS" if fips else "",
                    "dual-stack" if dual else "")
    print("%-45s %5d" % ("endpoints", len(asked)))
