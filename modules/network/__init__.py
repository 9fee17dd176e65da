"""The one way out of this machine: what may be reached, pooled connections, time-outs that follow what was observed."""
