Runs on AWS: what can be said of them without one.

  $ unset AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
  $ export AWS_EC2_METADATA_DISABLED=true

No run was there yet.

  $ tidelock status
  tidelock status: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock recover last
  tidelock recover: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock abort nothing
  tidelock abort: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock rollback last
  tidelock rollback: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ ls -A
  examples
  policies
  stdlib
  $ tidelock recover last --state elsewhere
  tidelock recover: there is no state folder elsewhere: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ (umask 077; mkdir -p elsewhere/runs); tidelock recover last --state elsewhere
  tidelock recover: there is no run in elsewhere yet (--state names another folder, --config another operator's file)
  [2]

A policy that cannot start leaves no run behind.

  $ tidelock run nosuch
  tidelock run: nosuch: no such file, and no shipped policy of that name
  [2]
  $ tidelock run step_canary -p target
  tidelock run: -p target: expected name=value
  [2]
  $ shopt -s expand_aliases
  $ alias plain="sed 's/run [0-9]*-[0-9]*-[0-9a-f]*/run RUN/'"
  $ tidelock run step_canary -p target=lambda-alias:pay:live,canary=42 2>&1 | plain
  tidelock run: who this is could not be asked: credentials: no credentials were found, in none of:
    environment: AWS_ACCESS_KEY_ID is not set
    profile: there is no profile `default`
    web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set
    GitHub: ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN and AWS_ROLE_ARN are not all set
    container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set
    instance: AWS_EC2_METADATA_DISABLED is set
    (nothing was touched)
  $ export AWS_REGION=eu-west-1
  $ export AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=y AWS_ENDPOINT_URL=http://127.0.0.1:9
  $ tidelock run step_canary -p target=lambda-alias:pay:live,canary=42 2>&1 | plain; echo "${PIPESTATUS[0]}"
  tidelock run: who this is could not be asked: could not connect to 127.0.0.1:9: Connection refused (nothing was touched)
  1
  $ ls .tidelock/runs elsewhere/runs
  .tidelock/runs:
  
  elsewhere/runs:
  $ tidelock status
  no runs
  $ echo 'return { alow = {} }' > tidelock.lua; tidelock run step_canary -p target=lambda-alias:pay:live,canary=42
  tidelock run: tidelock.lua: alow: there is no such member; did you mean allow?
  [2]
