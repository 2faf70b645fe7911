# The dispersion of an A/A, from the records of a journal (jq -s).
[.[] | select(.kind == "tick") | .body.periods[].metrics
| [.errors.canary, .errors.baseline, .requests.canary, .requests.baseline]
| select(all(.[]; type == "number") and .[0] + .[1] > 0 and .[2] > 0 and .[3] > 0)
| .[0] as $canary | (.[0] + .[1]) as $e | (.[2] / (.[2] + .[3])) as $share
| ($canary - $e * $share) * ($canary - $e * $share) / ($e * $share * (1 - $share))
] | add / length
