-- Rules of an Application Load Balancer in the simulated account.

return require("targets.alb.simulated")
