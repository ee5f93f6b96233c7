"""What is measured side by side: a module a peer, each run by worker.py in the environment that holds the peer.

A module has NEEDS, the distribution that must be installed, and functions that return a
number to compare; what a function prepares once (the load, the law) it keeps itself.
"""
