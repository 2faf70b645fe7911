A checked-out branch is a stranger: what its files are is looked at before what is in them.

  $ shopt -s expand_aliases
  $ alias sim='timeout 20 tidelock simulate --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'

A module is a regular file below the folder of the policy, and no link leads out of it. What stands there instead is named.

  $ mkdir -p team; mkfifo team/pipe.lua; ln -s /proc/self/environ extra.lua; ln -s ../stdlib team/linked
  $ mkdir team/folder.lua; ln -s nowhere.lua broken.lua
  $ requires() { echo "local m = require '$1'" > p.lua; sim p.lua; }
  $ requires extra
  tidelock simulate: ./extra.lua is a link (to /proc/self/environ), and links are not followed here
  [2]
  $ requires broken
  tidelock simulate: ./broken.lua is a link (to nowhere.lua), and links are not followed here
  [2]
  $ requires team.pipe
  tidelock simulate: ./team/pipe.lua is a pipe; a file was expected
  [2]
  $ requires team.linked.rollout
  tidelock simulate: ./team/linked is a link (to ../stdlib), and links are not followed here
  [2]
  $ requires team.folder
  tidelock simulate: ./team/folder.lua is a folder; a file was expected
  [2]

So is everything else that is read. Nothing hangs.

  $ mkfifo pipe.lua; sim pipe.lua
  tidelock simulate: pipe.lua is a pipe; a file was expected
  [2]
  $ timeout 20 tidelock run pipe.lua
  tidelock run: pipe.lua is a pipe; a file was expected
  [2]
  $ timeout 20 tidelock eval extra.lua
  tidelock eval: extra.lua is a view into the kernel; a file was expected
  [2]
  $ timeout 20 tidelock simulate --recording /dev/zero step_canary
  tidelock simulate: /dev/zero is a device; a file was expected
  [2]
  $ timeout 20 tidelock show ./pipe.lua
  tidelock show: ./pipe.lua is a pipe; a file was expected
  [2]
  $ mkdir c; mkfifo c/tidelock.lua; timeout 20 tidelock status --config c/tidelock.lua
  tidelock status: c/tidelock.lua is a pipe; a file was expected
  [2]
  $ (cd c; timeout 20 tidelock status)
  tidelock status: tidelock.lua is a pipe; a file was expected
  [2]

A zero byte in a name makes no second copy of a module.

  $ echo 'return require "check" == require "check\0x"' > zero.lua; tidelock eval zero.lua
  tidelock eval: zero.lua:1: bad argument #1 to 'require' (the name of a module has no zero byte)
  [2]

The state folder is the user's own: no link, and closed to others. What a link in it leads to is left alone.

  $ mkdir -m 700 mine mine/runs mine/locks; ln -s mine .tidelock; tidelock status
  tidelock status: the state folder: .tidelock is a link (to mine), and links are not followed here (--state names another folder, --config another tidelock.lua)
  [2]
  $ tidelock status --state mine
  no runs
  $ chmod o+w mine; tidelock status --state mine/
  tidelock status: the state folder: others may write to the folder mine (`chmod go-w mine` ends that) (--state names another folder, --config another tidelock.lua)
  [2]
  $ chmod go-w mine; echo kept > kept; ln -s ../../kept mine/runs/20260101-000000-000000.journal
  $ tidelock show 20260101 --state mine
  tidelock show: mine/runs/20260101-000000-000000.journal is a link (to ../../kept), and links are not followed here
  [2]
