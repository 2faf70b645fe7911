What a plan is, and what is refused without asking AWS anything (with it: tests/live/plan.py).

  $ tidelock plan --help | grep .
  usage: tidelock plan [options] POLICY
  Shows what run would do on AWS as it is now, and how each step would be undone.
  POLICY is a file, or the name of a shipped policy. Nothing is changed. With
  --output the plan is written down, for `tidelock run FILE`, which refuses it
  once anything that it rests on has changed.
    -p, --parameter NAME=VALUE   a parameter of the policy, or a member of a
                                 target (target.canary=43); repeat
    -s, --seed N                 of math.random in the policy; drawn if not given
    -o, --output FILE            write the sealed plan there, for run
        --format text|markdown|json
                                 as text, as a page for a change's discussion, or
                                 the plan itself
        --config FILE            the operator's file; else TIDELOCK_CONFIG names
                                 it, or it is the user's own
        --profile NAME           of the shared AWS files
        --region NAME            where no ARN says another
    -v, --verbose                tell of every request, how it ended and how long
                                 it took; and of all that judges see
  example:
    tidelock plan rollout.lua -p target.canary=43 --output plan.json

A plan that was cut short, was edited, or is none.

  $ cp "$TIDELOCK_ROOT/tests/fixtures/plans/one.json" unsealed.json
  $ tidelock run unsealed.json
  tidelock run: unsealed.json: the plan is cut short, or is not as it was written: JSON that is not in canonical form; plan again
  [2]
  $ tr -d '\n' <unsealed.json | head -c 100 | tr -d ' ' >short.json
  $ tidelock run short.json
  tidelock run: short.json: the plan is cut short, or is not as it was written: the JSON ends at byte 100: expected a JSON value; plan again
  [2]
  $ tr -d ' ' <unsealed.json >edited.json
  $ tidelock run edited.json
  tidelock run: edited.json: the seal is broken: the plan was changed after it was made; plan again
  [2]
  $ echo '{"format":"tidelock-plan/7"}' >newer.json
  $ tidelock run newer.json
  tidelock run: newer.json: its format is "tidelock-plan/7", and this program reads tidelock-plan/2: it is no plan, or one of another version of tidelock
  [2]
  $ echo '{}' >none.json
  $ tidelock run none.json
  tidelock run: none.json: its format is "", and this program reads tidelock-plan/2: it is no plan, or one of another version of tidelock
  [2]

Nothing was begun by any of that.

  $ ls -A
  edited.json
  examples
  newer.json
  none.json
  policies
  short.json
  stdlib
  unsealed.json

Whether a file is a plan is seen by what is in it; a policy may also come out of a pipe.

  $ cp none.json policy.lua
  $ tidelock run policy.lua
  tidelock run: policy.lua: its format is "", and this program reads tidelock-plan/2: it is no plan, or one of another version of tidelock
  [2]
  $ echo 'return 1 +' | tidelock run /dev/stdin
  tidelock run: /dev/stdin is a pipe; a file was expected
  [2]
  $ echo 'return 1 +' | tidelock run -
  tidelock run: stdin:2: unexpected symbol near <eof>
  [2]

What a plan cannot do.

  $ tidelock plan step_canary --format jsonl
  tidelock plan: --format is text, markdown or json here
  [2]
  $ tidelock plan nosuch
  tidelock plan: nosuch: no such file, and no shipped policy of that name
  [2]
  $ tidelock plan step_canary --output none.json
  tidelock plan: none.json is there already; nothing is overwritten
  [2]
