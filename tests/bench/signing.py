"""Requests signed per second on one core, against awscrt (AWS's own C library, from PyPI), in one
run: the same small ECS call, processor time, the middle one of five rounds each, in turns.

    python3 -m venv FOLDER && FOLDER/bin/pip install awscrt
    FOLDER/bin/python tests/bench/signing.py SIGNING_BENCH
"""

import datetime
import io
import statistics
import subprocess
import sys
import time

from awscrt import auth, http

ROUNDS = 5
COUNT = 10000
HEADERS = [
    ("Host", "ecs.eu-west-1.amazonaws.com"),
    ("Content-Type", "application/x-amz-json-1.1"),
    ("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.DescribeServices"),
    ("amz-sdk-invocation-id", "3f1c8b0e-9a3c-4c5f-8f5e-0d0d0d0d0d0d"),
    ("User-Agent", "tidelock"),
]


def prepare(index, credentials):
    body = b'{"cluster":"c","services":["s%06d"]}' % index
    request = http.HttpRequest("POST", "/", http.HttpHeaders(HEADERS), io.BytesIO(body))
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
        credentials_provider=credentials,
        region="eu-west-1",
        service="ecs",
        date=datetime.datetime(2026, 8, 24, 12, 0, index % 2, tzinfo=datetime.timezone.utc),
    )
    return request, config


def theirs():
    """What is made in Python is made before the clock starts; threads of awscrt count."""
    credentials = auth.AwsCredentialsProvider.new_static("AKIDTIDE", "secret", "t" * 300)
    prepared = [prepare(index, credentials) for index in range(COUNT)]
    start = time.process_time()
    for future in [auth.aws_sign_request(*pair) for pair in prepared]:
        future.result()
    return COUNT / (time.process_time() - start)


def ours(program):
    return float(subprocess.run([program, str(20 * COUNT)], check=True, capture_output=True).stdout)


def main():
    rounds = [(ours(sys.argv[1]), theirs()) for _ in range(ROUNDS)]
    tidelock, awscrt = (statistics.median(column) for column in zip(*rounds))
    print(f"tidelock  {tidelock:9.0f} signatures a second")
    print(f"awscrt    {awscrt:9.0f} signatures a second")
    print(f"ratio     {tidelock / awscrt:9.2f} (wanted: at least 1)")
    return 0 if tidelock >= awscrt else 1


sys.exit(main())
